import { compareEntries, entryOf, isFinal, type JobHead, type Topic } from "@jobq/core";
import { administer, reserve, settle } from "./perform.ts";
import { type Process, RECOVERY_MS } from "./process.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const TICK_MS = 5_000;

/** Longer than any lease, delay, deadline and wait that a script has, and than it takes to look for lost entries. */
const HEALING_MS = RECOVERY_MS + 30_000;

/** Rounds of reserving that every job must have ended in: attempts, lost leases and chains of waits are bounded. */
const MAX_ROUNDS = 40;

/** After the trouble: the stores work again, time passes, and a plain reserve loop must run every job that is left. */
export async function endWell(world: World, random: Random): Promise<void> {
  const { auditor } = world;
  for (const { gate } of world.processes) gate.disarm();
  const process = await survivor(world, random);
  lookForNone(world); // a service starts with its first call
  await pass(world, HEALING_MS);
  if (auditor.violation) return;
  for (const { gate } of world.processes) auditor.checkAnswered(gate);
  lookForNone(world);
  await world.switchboard.run(Number.POSITIVE_INFINITY, random);
  await checkEntries(world);
  await drain(world, process, random);
  if (auditor.violation) return;
  await auditor.checkTally();
  await auditor.checkLogs();
  await pass(world, RECOVERY_MS);
  await checkNoEntries(world, process);
}

/** Those that still run go on, or all are replaced: both must be enough. */
async function survivor(world: World, random: Random): Promise<Process> {
  if (random.chance(0.3)) for (const { gate } of world.processes) await world.switchboard.kill(gate, random);
  for (const { gate } of world.processes) if (gate.closing) await world.switchboard.kill(gate, random);
  return world.processes[0] ?? (await world.process(0));
}

/** Has every process reserve from a topic that no job is on. */
function lookForNone(world: World): void {
  for (const one of world.processes)
    reserve(world, one, { type: "reserve", process: 0, topic: "none", limit: 1, waitMs: 0 });
}

async function pass(world: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += TICK_MS) {
    world.clock.advance(TICK_MS);
    await world.switchboard.run(Number.POSITIVE_INFINITY, undefined);
  }
}

/** Reserves and finishes whatever there is, a topic at a time, until time brings nothing more. */
async function drain(world: World, process: Process, random: Random): Promise<void> {
  const { auditor } = world;
  const topics = new Set([...auditor.known.values()].map(({ topic }) => topic));
  for (const topic of topics)
    world.ask(process, `resume ${topic}`, { type: "other" }, () => process.service.resume(topic));
  await world.switchboard.run(Number.POSITIVE_INFINITY, undefined);
  for (let round = 0; round < MAX_ROUNDS && openJobs(world).length > 0; round++) {
    for (const topic of topics) while ((await takeSome(world, process, topic, random)) > 0 && !auditor.violation);
    if (auditor.violation) return;
    for (const { name, awaits } of openJobs(world)) if (awaits === "") administer(world, process, "wake", name);
    await pass(world, TICK_MS);
  }
  const [left] = openJobs(world);
  if (left) auditor.violate("P3 at least once", `${left.name} is ${left.state} for ever`);
}

/** Reserves some jobs of a topic and finishes them; returns how many. */
async function takeSome(world: World, process: Process, topic: Topic, random: Random): Promise<number> {
  const limit = random.between(1, 5);
  const before = world.reservations.length;
  const expected = world.alone ? nextJobs(world, topic).slice(0, limit) : undefined;
  const waitMs = random.chance(0.5) ? 1_000 : 0;
  reserve(world, process, { type: "reserve", process: 0, topic, limit, waitMs, leaseMs: 10_000 });
  await world.switchboard.run(Number.POSITIVE_INFINITY, undefined);
  const taken = world.reservations.slice(before);
  if (expected)
    checkOrder(
      world,
      taken.map(({ label }) => label),
      expected.map(({ name }) => name),
    );
  for (const holding of taken) settle(world, holding, "done");
  await world.switchboard.run(Number.POSITIVE_INFINITY, random);
  return taken.length;
}

/** The ready jobs of a topic as they run. */
function nextJobs(world: World, topic: Topic): JobHead[] {
  return [...world.auditor.known.values()]
    .filter((job) => job.topic === topic && job.state === "ready")
    .sort(compareEntries);
}

/** Compares what a reservation brought while nothing else happened with what it should have brought. */
function checkOrder(world: World, taken: readonly string[], expected: readonly string[]): void {
  if (taken.join(" ") === expected.join(" ")) return;
  const some = expected.filter((label) => taken.includes(label));
  const promised = taken.join(" ") === some.join(" ") ? "entries" : "P5 order";
  world.auditor.violate(promised, `reserve returned [${taken.join(", ")}] for [${expected.join(", ")}]`);
}

function openJobs(world: World): JobHead[] {
  return [...world.auditor.known.values()].filter(({ state }) => !isFinal(state));
}

/** Every job that wants an entry has one, in the topics of every process: there are at least as many. */
async function checkEntries(world: World): Promise<void> {
  const wanted = new Map<Topic, number>();
  for (const job of world.auditor.known.values()) {
    if (entryOf(job)) wanted.set(job.topic, (wanted.get(job.topic) ?? 0) + 1);
  }
  for (const { gate, stores } of world.processes) {
    const infos = new Map((await stores.topics.topics()).map((info) => [info.topic, info.ready + info.delayed]));
    for (const [topic, count] of wanted) {
      const there = infos.get(topic) ?? 0;
      if (there < count)
        world.auditor.violate("entries", `${gate.name} has ${there} entries of ${topic} for ${count} jobs`);
    }
  }
}

/** No job is open, so no entry is left where somebody reserved until there were none. */
async function checkNoEntries(world: World, { stores }: Process): Promise<void> {
  for (const { topic, ready, delayed } of await stores.topics.topics()) {
    if (ready + delayed > 0) world.auditor.violate("entries", `${topic} has ${ready} + ${delayed} entries of no job`);
  }
}
