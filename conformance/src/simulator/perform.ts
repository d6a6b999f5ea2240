import type { Change, JobId, Topic } from "@jobq/core";
import type { EnqueueOptions } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { contextOf, refusalError } from "@jobq/service/module";
import type { Wish } from "./ask.ts";
import type { LabelPayload, Process } from "./process.ts";
import { Random } from "./random.ts";
import type { Act, AdminDeed, AfterPlan, HolderDeed, JobPlan, Step } from "./script.ts";
import { limitOf } from "./waiting.ts";
import type { HeldReservation, World } from "./world.ts";

/** Makes the act of a step happen and lets the stores get on as far as the step says. */
export async function perform(world: World, { act, rounds, salt }: Step): Promise<void> {
  const random = salt === 0 ? undefined : new Random(salt);
  if (act.type === "advance") world.clock.advance(act.ms);
  else if (act.type === "hold") hold(world, act);
  else if (act.type === "kill") {
    const process = world.at(act.process);
    if (process) await world.switchboard.kill(process.gate, random);
  } else actWithin(world, await world.process(act.process), act);
  await world.switchboard.run(rounds ?? Number.POSITIVE_INFINITY, random);
  reap(world);
}

/** Processes that have closed, or failed to, are gone. */
function reap(world: World): void {
  for (const { gate } of world.processes) {
    if (world.switchboard.serves(gate)) continue;
    if (gate.closing === "ended") world.auditor.checkAnswered(gate);
    if (gate.closing === "ended" || gate.closing === "failed") world.vacate(gate);
  }
}

type ActWithin = Exclude<Act, { readonly type: "advance" | "hold" | "kill" }>;

function actWithin(world: World, process: Process, act: ActWithin): void {
  if (act.type === "enqueue") enqueue(world, process, act.jobs);
  else if (act.type === "reserve") reserve(world, process, act);
  else if (act.type === "admin") administer(world, process, act.deed, act.label);
  else if (act.type === "pause") pause(world, process, act.topic, act.paused);
  else if (act.type === "fault") process.gate.arm(act.kind, act.call);
  else close(world, process, act.deadlineMs);
}

function enqueue(world: World, process: Process, plans: readonly JobPlan[]): void {
  const what = `enqueue ${plans.map(({ label }) => label).join(" + ")}`;
  const [first] = plans;
  const members = first?.bundle === undefined ? plans : plans.slice(1);
  const requests = members.map((plan) => requestOf(world, plan, members));
  const call = async (): Promise<string[]> => {
    if (first?.bundle) return enqueueBundle(process, requestOf(world, first, []), first.bundle, requests);
    if (requests.length > 1) return (await process.service.enqueueMany(requests)).map(({ id }) => id);
    const { topic, payload, options } = requests[0] as Request;
    return [await process.service.enqueue(topic, payload, options)];
  };
  world.ask(process, what, { type: "enqueue", plans }, call, (ask, ids) => world.auditor.enqueued(ask, plans, ids));
}

interface Request {
  readonly topic: Topic;
  readonly payload: LabelPayload;
  readonly options: EnqueueOptions;
}

async function enqueueBundle(
  { service }: Process,
  onEnd: Request,
  onMemberCanceled: "continue" | "cancel",
  requests: readonly Request[],
): Promise<string[]> {
  const { id, jobs } = await createBundles(service).enqueue("bundle", requests, { onEnd, onMemberCanceled });
  return [id, ...jobs.map((job) => job.id)];
}

/** @param plans those of the same call, of which it may wait for one */
function requestOf({ auditor }: World, plan: JobPlan, plans: readonly JobPlan[]): Request {
  const { topic, label, after } = plan;
  const places = plans.map((other) => other.label);
  const on = after?.on.flatMap((one): (JobId | number)[] => {
    const known = auditor.idOf(one);
    if (known !== undefined) return [known];
    return places.includes(one) ? [places.indexOf(one)] : [];
  });
  const options = { ...optionsOf(plan), ...(after && on?.length && { after: { ...waysOf(after), jobs: on } }) };
  return { topic, payload: { label }, options };
}

function waysOf({ need, onCanceled }: AfterPlan): Pick<AfterPlan, "need" | "onCanceled"> {
  return { need, onCanceled };
}

function optionsOf(plan: JobPlan): EnqueueOptions {
  const { label, weight, delayMs, unique, maxRetries, maxLeaseLosses, timeoutMs } = plan;
  const limit = limitOf(plan);
  return {
    name: label,
    weight,
    maxRetries,
    maxLeaseLosses,
    timeout: timeoutMs,
    ...(delayMs > 0 && { delay: delayMs }),
    ...(unique !== undefined && { unique }),
    ...(limit && { limit }),
  };
}

/** Reserves, and keeps what it gets as reservations. */
export function reserve(world: World, process: Process, act: Extract<Act, { type: "reserve" }>): void {
  const { topic, limit, waitMs, leaseMs } = act;
  const options = { wait: waitMs, ...(leaseMs !== undefined && { lease: leaseMs }) };
  const call = () => process.service.reserve(topic, limit, options);
  world.ask(process, `reserve ${limit} of ${topic}`, { type: "reserve", topic, leaseMs, limit }, call, (ask, jobs) => {
    world.auditor.reserved(ask, jobs);
    for (const job of jobs) {
      const { label } = job.payload as { label?: string };
      if (label !== job.name) world.auditor.violate("errors", `${job.name} has the payload of ${label}`);
      world.reservations.push({ label: job.name, process, job });
    }
  });
}

function hold(world: World, { deed, label, token, ms }: Extract<Act, { type: "hold" }>): void {
  const holding = world.reservations.find(({ job, label: held }) => held === label && job.token === token);
  // A holder without its process can do nothing any more.
  if (!holding || holding.process.gate.dead) return;
  settle(world, holding, deed, ms);
}

/** Has the holder do something with its reservation. */
export function settle(world: World, { job, label, process }: HeldReservation, deed: HolderDeed, ms?: number): void {
  const { id, token } = job;
  const now = world.clock.now();
  const { logs } = world.auditor;
  const line = deed === "log" ? logs.next(id) : "";
  const suspension = { type: "suspend", id, token, awaits: "", at: ms === undefined ? undefined : now + ms } as const;
  const inMs = ms === undefined || ms > 0 ? { at: now + 1 } : {};
  const deeds: { readonly [D in HolderDeed]: readonly [Change, () => Promise<void>] } = {
    done: [{ type: "done", id, token }, () => job.done(label)],
    retry: [{ type: "retry", id, token, ...inMs }, () => job.retry(ms === undefined ? {} : { delay: ms })],
    cancel: [{ type: "cancel", id, token, reason: "rejected" }, () => job.cancel()],
    release: [{ type: "release", id, token }, () => job.release()],
    extend: [{ type: "extend", id, token }, () => job.extend(ms)],
    log: [{ type: "extend", id, token }, () => job.log(line).then(() => logs.acknowledged(id, line))],
    progress: [{ type: "extend", id, token }, () => job.progress(0.5)],
    suspend: [{ ...suspension, at: ms === undefined ? ms : now + 1 }, () => commit(process, suspension)],
  };
  const [change, call] = deeds[deed];
  world.ask(process, `${deed} of ${label} by token ${token}`, { type: "change", change }, call);
}

/** Makes a change that modules make, as one of them would. */
async function commit({ service }: Process, change: Change): Promise<void> {
  const { commit, now } = contextOf(service);
  const outcome = await commit({ now: await now(), apply: [change] });
  if (!outcome.ok) throw refusalError(outcome, change.type);
}

/** Does something with a job that nobody has to hold. */
export function administer(world: World, process: Process, deed: AdminDeed, label: string): void {
  const id = idOf(world, label);
  if (id === undefined) return;
  const { service } = process;
  const change: Change = deed === "cancel" ? { type: deed, id, reason: "canceled" } : { type: deed as "reset", id };
  const wish: Wish = deed === "remove" ? { type: "remove", id } : { type: "change", change };
  const call = () => (deed === "wake" ? commit(process, { type: deed, id }) : service[deed](id));
  world.ask(process, `${deed} ${label}`, wish, call);
}

function pause(world: World, process: Process, topic: Topic, paused: boolean): void {
  const { service } = process;
  const call = () => (paused ? service.pause(topic) : service.resume(topic));
  world.ask(process, `${paused ? "pause" : "resume"} ${topic}`, { type: "other" }, call);
}

function idOf({ auditor }: World, label: string): JobId | undefined {
  for (const job of auditor.known.values()) if (job.name === label) return job.id;
  return undefined;
}

/** Closes the service; its process is gone when that has ended, one way or the other. */
function close(world: World, process: Process, deadlineMs: number): void {
  const { gate, service } = process;
  if (gate.closing) return;
  gate.closing = "asked";
  const call = () =>
    service.close({ deadline: deadlineMs }).finally(() => {
      gate.closing = "failed";
    });
  world.ask(process, "close", { type: "other" }, call, (ask) => {
    gate.closing = "ended";
    world.auditor.acknowledged(ask);
  });
}
