import { isFinal } from "@jobq/core";
import { loadParts } from "../../../conformance/src/simulator/load-parts.ts";
import { mixed, Random } from "../../../conformance/src/simulator/random.ts";
import type { FaultKind } from "../../../conformance/src/simulator/script.ts";
import type { Site } from "../../../conformance/src/simulator/site.ts";
import { endWell } from "./ending.ts";
import { someOptions } from "./played-worker.ts";
import { checkStopped, close, stop } from "./stopping.ts";
import { type PlayedProcess, type Tamper, World } from "./world.ts";

/** What to play. */
export interface PlayOptions {
  /** Decides everything that happens. */
  readonly seed: number;
  /** Opens empty stores. */
  readonly open: () => Site | Promise<Site>;
  readonly steps?: number;
  readonly tamper?: Tamper;
}

/** What happened, when no promise was broken. */
export interface Played {
  readonly jobs: number;
  readonly runs: number;
  readonly calls: number;
  readonly faults: number;
  readonly deaths: number;
  readonly trace: readonly string[];
}

type Trouble = readonly ("sleep" | "kill" | FaultKind)[];

const TROUBLES: readonly Trouble[] = [
  [],
  [],
  ["fail before"],
  ["fail before", "fail after"],
  ["sleep"],
  ["kill", "die before", "die after"],
  ["kill", "sleep", "fail before", "fail after", "die before", "die after"],
];

const ACTS = { enqueue: 30, work: 10, stop: 4, drain: 2, close: 1.5, cancel: 5, advance: 22, trouble: 8 };

const STEPS = 60;

/** A promise was broken; the message says which, and by which seed. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
  /** Everything that happened, in order. */
  readonly trace: readonly string[];

  constructor(seed: number, violation: string, trace: readonly string[]) {
    super(`seed ${seed}: ${violation}`);
    this.trace = trace;
  }
}

/**
 * Plays the history of a seed: processes whose workers run handlers of all kinds, which die, fail, are stopped and closed,
 * then one that has to bring all jobs to their ends.
 * @throws {BrokenPromise}
 */
export async function playWorkers({ seed, open, steps = STEPS, tamper }: PlayOptions): Promise<Played> {
  await loadParts(open);
  const site = await open();
  try {
    const random = new Random(seed);
    const world = new World(seed, site, await site.connect(), random, tamper);
    const places = random.between(1, site.processes ?? 1);
    const trouble = random.pick(TROUBLES);
    for (let step = 0; step < steps && world.auditor.violation === undefined; step++) {
      world.trace.push(`-- ${step}`);
      await act(world, random, await world.process(random.below(places)), trouble);
      await world.switchboard.run(random.chance(0.6) ? Number.POSITIVE_INFINITY : random.below(8), random);
      checkStopped(world);
    }
    if (world.auditor.violation === undefined) await endWell(world, new Random(mixed(seed, 1_000_000)));
    const { auditor, switchboard, deaths, trace } = world;
    for (const process of world.processes) world.vacate(process);
    if (auditor.violation !== undefined) throw new BrokenPromise(seed, auditor.violation, trace);
    const { calls, faults } = switchboard;
    return { jobs: auditor.known.size, runs: auditor.runCount, calls, faults, deaths, trace };
  } finally {
    await site.dispose?.();
  }
}

async function act(world: World, random: Random, process: PlayedProcess, trouble: Trouble): Promise<void> {
  const kind = random.weighted({ ...ACTS, trouble: trouble.length > 0 ? ACTS.trouble : 0 });
  if ((kind === "work" || kind === "drain") && !process.worker) begin(world, random, process, kind === "drain");
  else if (kind === "stop") stop(world, process, random.pick([0, 2_000, 6_000]));
  else if (kind === "close") close(world, process, random.pick([0, 1_000, 6_000]));
  else if (kind === "cancel") cancel(world, random, process);
  else if (kind === "advance") await world.pass(random.between(1, 6) * 1_000, random);
  else if (kind === "trouble") await makeTrouble(world, random, process, random.pick(trouble));
  else enqueue(world, random, process);
}

function begin(world: World, random: Random, process: PlayedProcess, drains: boolean): void {
  const own = world.addWorker(process, someOptions(random));
  const { name, worker } = own;
  own.isDraining = drains;
  if (drains) world.ask(process, `drain by ${name}`, () => worker.drain());
  else world.ask(process, `start ${name}`, () => worker.start());
}

function enqueue(world: World, random: Random, process: PlayedProcess): void {
  const stored = new Set(world.auditor.known.keys());
  const plan = () => world.planner.job(stored);
  if (random.chance(0.12)) {
    const members = Array.from({ length: random.between(1, 3) }, plan).map((member) => ({ ...member, isMember: true }));
    const waits = { waitsFor: members.map(({ label }) => label), need: "all", onCanceled: "run" } as const;
    const end = { ...plan(), ...waits, delayMs: 0 };
    const cancels = random.chance(0.5);
    world.ask(process, `enqueue bundle ${end.label}`, () => world.enqueueBundle(process, end, members, cancels));
    return;
  }
  for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
    const one = plan();
    const { service } = process;
    world.ask(process, `enqueue ${one.label}`, () => world.enqueue(process, one, service.enqueue.bind(service)));
  }
}

function cancel(world: World, random: Random, process: PlayedProcess): void {
  const live = [...world.auditor.known].filter(([, { state }]) => !isFinal(state));
  if (live.length === 0) return;
  const [label, { id }] = random.pick(live);
  world.auditor.canceled.add(label);
  world.ask(process, `cancel ${label}`, () => process.service.cancel(id, "asked for"));
}

async function makeTrouble(world: World, random: Random, process: PlayedProcess, kind: Trouble[number]): Promise<void> {
  world.trace.push(`${process.gate.name}: ${kind}`);
  if (kind === "sleep") world.sleep(random.pick([12_000, 31_000]));
  else if (kind === "kill") await world.switchboard.kill(process.gate, random);
  else process.gate.arm(kind, random.between(1, 12));
}
