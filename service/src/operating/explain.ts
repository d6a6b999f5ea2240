import { isFinal, type Job, type JobHead, type JobId, waitsForSlot } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { jobData } from "../input/job-data.ts";
import { MAX_JOBS_PER_CALL } from "../input/limits.ts";
import { isDecryption } from "../input/payload-codec.ts";
import { isModuleState } from "../input/topic-names.ts";
import { LINK, type Link } from "../waits/link.ts";
import { explainText } from "./explain-text.ts";
import type { Explanation, NotRunning, OtherJob } from "./explanation.ts";
import type { HandlerInfo } from "./handler-info.ts";
import { waitingFor } from "./limit-usage.ts";
import { keptSignals, liveOf, runWaits } from "./run-waits.ts";

/** Jobs of a topic that are looked at together. */
const PAGE = 1000;

/** Why the job is not running, as it stands now; undefined when there is no such job. */
export async function explain(engine: Engine, id: JobId): Promise<Explanation | undefined> {
  const [job] = await engine.store.jobs.get([id]);
  if (!job) return undefined;
  const reasons = await reasonsOf(engine, job);
  return { id, state: job.state, reasons, text: explainText(reasons) };
}

async function reasonsOf(engine: Engine, job: Job): Promise<NotRunning[]> {
  const { state, attempt, finishedAt, reason, reservedBy, reservedAt, leaseUntil } = job;
  const error = engine.settings.codec.decodeError(job.error);
  if (isFinal(state)) return [{ type: "ended", at: finishedAt, reason, error }];
  if (state === "reserved") {
    return [{ type: "reserved", by: reservedBy, since: reservedAt, until: leaseUntil, attempt }];
  }
  const reasons = [...expiry(engine, job), ...(await waits(engine, job)), ...(await pause(engine, job))];
  if (state === "ready") reasons.push(...(await queue(engine, job)), ...(await rate(engine, job)));
  if (isModuleState(job.topic)) return [...reasons, { type: "record", topic: job.topic }];
  return [...reasons, ...unreadable(engine, job), ...worker(engine, job)];
}

function expiry({ clock }: Engine, { expiresAt }: JobHead): NotRunning[] {
  return expiresAt !== undefined && expiresAt <= clock.now() ? [{ type: "expired", at: expiresAt }] : [];
}

/** What a delayed job waits for. */
async function waits(engine: Engine, job: JobHead): Promise<NotRunning[]> {
  const { id, runAt, attempt, blockers = [], awaits } = job;
  const error = engine.settings.codec.decodeError(job.error);
  const { jobs } = engine.store;
  const reasons: NotRunning[] = [];
  if (runAt !== undefined) reasons.push({ type: "delayed", until: runAt, attempt, error });
  if (blockers.includes(id)) reasons.push({ type: "open" });
  const others = blockers.filter((blocker) => blocker !== id);
  if (others.length > 0) {
    const found = await jobs.get(others);
    const need = await needOf(engine, job, others[0] as JobId);
    reasons.push({ type: "after", jobs: found.map((other, at) => otherJob(other, others[at] as JobId)), need });
  }
  const waitsFor = awaits === undefined ? [] : await runWaits(engine, job);
  if (waitsFor.length > 0) reasons.push({ type: "run", waitsFor, keptSignals: await keptSignals(engine, job) });
  else if (awaits === "") reasons.push(...(isModuleState(job.topic) ? [] : [{ type: "suspended" } as const]));
  else if (awaits !== undefined) reasons.push({ type: "group", group: awaits, live: await liveOf(engine, awaits) });
  if (waitsForSlot(job)) reasons.push(...(await limit(engine, job)));
  return reasons;
}

/** Whether it waits for all of its blockers or for any one: each of them knows. */
async function needOf({ store }: Engine, { id }: JobHead, blocker: JobId): Promise<"all" | "any"> {
  const note = (await store.jobs.notes(blocker, LINK)).find(({ key }) => key === id);
  return note ? (JSON.parse(note.value) as Link).need : "all";
}

async function limit({ store: { jobs } }: Engine, { id, limit }: JobHead): Promise<NotRunning[]> {
  if (!limit) return [];
  const { key, concurrency } = limit;
  const holders = await jobs.find({ limitKey: key, slot: "held", limit: MAX_JOBS_PER_CALL });
  const waiting = await waitingFor(jobs, key);
  const place = waiting.findIndex((one) => one.id === id);
  const ahead = place < 0 ? waiting.length : place;
  return [{ type: "limit", key, concurrency, holders: holders.map((holder) => otherJob(holder, holder.id)), ahead }];
}

async function pause({ store }: Engine, { topic }: JobHead): Promise<NotRunning[]> {
  const topics = await store.topics.topics();
  return topics.some((one) => one.topic === topic && one.paused) ? [{ type: "paused", topic }] : [];
}

/** How many ready jobs come before it, of as many as one call would return. */
async function queue({ store: { jobs } }: Engine, { id, topic, weight }: JobHead): Promise<NotRunning[]> {
  let ahead = 0;
  let after: JobId | undefined;
  for (let seen = 0; seen < MAX_JOBS_PER_CALL; seen += PAGE) {
    const page = await jobs.find({ topic, state: "ready", limit: PAGE, after });
    for (const one of page) if (one.weight < weight || (one.weight === weight && one.id < id)) ahead++;
    if (page.length < PAGE) return ahead > 0 ? [{ type: "queued", ahead, orMore: false }] : [];
    after = page.at(-1)?.id;
  }
  return [{ type: "queued", ahead, orMore: true }];
}

/** What handing it out in this process would come to, where its payload does not decode. */
function unreadable({ settings }: Engine, job: Job): NotRunning[] {
  if (jobData(job).group?.thenDone) return []; // a bundle that is never handed out
  try {
    settings.codec.decode(job.payload);
    return [];
  } catch (error) {
    const code = isDecryption(error) ? "DECRYPTION_FAILED" : "PAYLOAD_INVALID";
    return [{ type: "unreadable", code, error: (error as Error).message }];
  }
}

/** What is known of the workers of this process. */
function worker({ handlers }: Engine, job: JobHead): NotRunning[] {
  const { topic, name } = job;
  if (jobData(job).group?.thenDone) return []; // a bundle that has nothing to run
  const onTopic = [...handlers].filter(({ topics }) => topics.has(topic));
  if (onTopic.some((handler) => runs(handler, job))) return [];
  return [{ type: "noWorker", topic, name, worksOnTopic: onTopic.length > 0 }];
}

function runs({ topics, names }: HandlerInfo, { topic, name }: JobHead): boolean {
  return topics.has(topic) && (names === "any" || names.has(name));
}

/** The rate whose next place is free first, where all workers of this process that would run the job have used up theirs. */
async function rate({ handlers }: Engine, job: JobHead): Promise<NotRunning[]> {
  const { topic } = job;
  const used: Extract<NotRunning, { type: "rate" }>[] = [];
  for (const handler of handlers) {
    if (!runs(handler, job)) continue;
    const rate = handler.rates?.get(topic);
    const freeAt = await rate?.nextAt();
    if (!rate || freeAt === undefined) return [];
    const { max, perMs, key } = rate;
    used.push({ type: "rate", topic, max, perMs, key, freeAt });
  }
  return used.sort((a, b) => a.freeAt - b.freeAt).slice(0, 1);
}

function otherJob(job: JobHead | undefined, id: JobId): OtherJob {
  return job
    ? { id, name: job.name, topic: job.topic, state: job.state }
    : { id, name: "", topic: "", state: "removed" };
}
