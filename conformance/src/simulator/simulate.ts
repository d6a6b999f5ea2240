import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { checkCount, checkMember } from "../check-harness.ts";
import { type History, play } from "./history.ts";
import { loadParts } from "./load-parts.ts";
import { printScript, type Step } from "./script.ts";
import { shrink } from "./shrink.ts";
import type { Site } from "./site.ts";
import type { Promised, Violation } from "./violation.ts";

/** What to simulate, and for how long. */
export interface SimulationOptions {
  /** Decides everything that happens: the same seed over the same stores gives the same history. A whole number. */
  readonly seed: number;
  /** Opens empty stores. Called once per history. */
  readonly open: () => Site | Promise<Site>;
  /** The number of events of the script; 60. */
  readonly steps?: number;
}

/** What happened in a history that broke no promise. */
export interface SimulationReport {
  readonly seed: number;
  readonly jobs: number;
  /** The number of port calls. */
  readonly calls: number;
  /** The number of port calls that failed. */
  readonly faults: number;
  /** The number of processes that died. */
  readonly deaths: number;
  /** A hash of the whole history, to compare two runs of one seed. */
  readonly fingerprint: number;
}

/**
 * Says that a promise was broken. The message has the seed, the promise and the shortest script found that breaks it.
 */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
  readonly seed: number;
  readonly promised: Promised;
  /** The shortened script. After it, the history recovers and ends. */
  readonly steps: readonly Step[];
  /** The port calls of the shortened script, in their order. */
  readonly trace: readonly string[];

  constructor(seed: number, { steps, trace }: History, violation: Violation) {
    super(`seed ${seed} breaks ${violation.message}\n${printScript(steps)}`, { cause: violation });
    this.seed = seed;
    this.promised = violation.promised;
    this.steps = steps;
    this.trace = trace;
  }
}

const STEPS = 60;
const OPTIONS: OptionNames<SimulationOptions> = { seed: true, open: true, steps: true };

/**
 * Plays the history of a seed over real services: several processes, which may die, and stores that may fail at any
 * port call; then recovery. A reference model checks every promise.
 * @throws {SimulationFailure} a promise was broken
 * @throws {TypeError | RangeError} invalid options or stores
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  checkOptions(options, OPTIONS);
  const { seed, open, steps = STEPS } = options;
  if (!Number.isSafeInteger(seed)) throw wrongType("seed", "a whole number", seed);
  checkMember(open, "function", "open");
  checkCount(steps, "steps");
  await loadParts(open);
  const history = await play(seed, open, steps);
  if (history.violation) {
    const shortest = await shrink(history, (script) => play(seed, open, script));
    throw new SimulationFailure(seed, shortest, shortest.violation ?? history.violation);
  }
  const { jobs, calls, faults, deaths, trace } = history;
  return { seed, jobs, calls, faults, deaths, fingerprint: fingerprint(trace) };
}

/**
 * Calls {@link simulate} for one seed after the other; resolves with the reports in the order of the seeds.
 * @throws {RangeError} no seeds: nothing would have been checked
 */
export async function simulateMany({
  seeds,
  ...options
}: Omit<SimulationOptions, "seed"> & { readonly seeds: Iterable<number> }): Promise<SimulationReport[]> {
  const reports: SimulationReport[] = [];
  for (const seed of seeds) reports.push(await simulate({ ...options, seed }));
  if (reports.length === 0) throw new RangeError("seeds must have at least one seed, got none");
  return reports;
}

function fingerprint(lines: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const line of lines)
    for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
