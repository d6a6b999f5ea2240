import type { Random } from "./random.ts";
import type { Act, AdminDeed, AfterPlan, FaultKind, HolderDeed, JobPlan, Step } from "./script.ts";
import type { HeldReservation, World } from "./world.ts";

/** What kind of trouble a script makes. */
interface Trouble {
  readonly faults: readonly FaultKind[];
  readonly kills: boolean;
}

const TROUBLES: readonly Trouble[] = [
  { faults: [], kills: false },
  { faults: ["fail before"], kills: false },
  { faults: ["fail before", "fail after"], kills: false },
  { faults: ["die before", "die after"], kills: true },
  { faults: ["fail before", "fail after", "die before", "die after"], kills: true },
];

const ACTS: Readonly<Record<Act["type"], number>> = {
  enqueue: 24,
  reserve: 22,
  hold: 26,
  admin: 7,
  pause: 2,
  advance: 12,
  fault: 9,
  kill: 2,
  close: 1.5,
};

const DEEDS: Readonly<Record<HolderDeed, number>> = {
  done: 30,
  retry: 25,
  release: 12,
  cancel: 8,
  extend: 10,
  log: 8,
  progress: 7,
  suspend: 9,
};

const TOPICS = ["a", "b"];

/** A job waits for jobs that are not older than this many others. */
const RECENT = 8;

/** Writes a script while it is played, so that it can take up what has happened. */
export class Author {
  readonly #random: Random;
  readonly #world: World;
  readonly #processes: number;
  readonly #trouble: Trouble;
  #number = 0;
  #jobs = 0;

  /** @param processes how many places for processes there are */
  constructor(random: Random, world: World, processes: number) {
    this.#random = random;
    this.#world = world;
    this.#processes = processes;
    this.#trouble = random.pick(TROUBLES);
  }

  /** What happens next. */
  step(): Step {
    const random = this.#random;
    const step = { number: ++this.#number, act: this.#act(), salt: random.chance(0.3) ? 0 : random.below(1e6) };
    return random.chance(0.5) ? step : { ...step, rounds: random.below(8) };
  }

  #act(): Act {
    const { faults, kills } = this.#trouble;
    const fault = faults.length > 0 ? ACTS.fault : 0;
    const type = this.#random.weighted({ ...ACTS, fault, kill: kills ? ACTS.kill : 0 });
    return this.#actOf(type) ?? this.#enqueue();
  }

  #actOf(type: Act["type"]): Act | undefined {
    const random = this.#random;
    const process = random.below(this.#processes);
    switch (type) {
      case "enqueue":
        return this.#enqueue();
      case "reserve":
        return this.#reserve(process);
      case "hold":
        return this.#hold();
      case "admin": {
        const label = this.#anyLabel();
        const deed = random.pick<AdminDeed>(["cancel", "cancel", "reset", "reset", "remove", "wake", "wake"]);
        return label === undefined || isForService(deed, label) ? undefined : { type, process, deed, label };
      }
      case "pause":
        return { type, process, topic: random.pick(TOPICS), paused: random.chance(0.5) };
      case "advance":
        return { type, ms: random.pick([100, 1_000, 2_000, 5_000, 9_000, 21_000]) };
      case "fault":
        return { type, process, kind: random.pick(this.#trouble.faults), call: random.between(1, 9) };
      case "kill":
        return { type, process };
      case "close":
        return { type, process, deadlineMs: random.pick([0, 1_000, 10_000]) };
    }
  }

  #enqueue(): Act {
    const random = this.#random;
    const count = random.chance(0.25) ? random.between(2, 5) : 1;
    const process = random.below(this.#processes);
    if (random.chance(0.1)) return { type: "enqueue", process, jobs: this.#bundle(count) };
    const jobs: JobPlan[] = [];
    while (jobs.length < count) jobs.push(this.#plan(jobs));
    return { type: "enqueue", process, jobs };
  }

  /** The end of a bundle, then its members. */
  #bundle(count: number): JobPlan[] {
    const { unique: _, after: __, ...end } = this.#plan([]);
    const label = `b${this.#jobs}`;
    const bundle = this.#random.pick(["continue", "continue", "cancel"] as const);
    const jobs: JobPlan[] = [{ ...end, label, delayMs: 0, bundle }];
    while (jobs.length <= count) jobs.push({ ...this.#plan(jobs.slice(1)), memberOf: label });
    return jobs;
  }

  /** @param earlier plans of the same call */
  #plan(earlier: readonly JobPlan[]): JobPlan {
    const random = this.#random;
    const after = random.chance(0.25) ? this.#after(earlier) : undefined;
    return {
      label: `j${++this.#jobs}`,
      topic: random.pick(TOPICS),
      weight: random.pick([0, 0, 0, -1, 1]),
      delayMs: random.chance(0.3) ? random.pick([1, 1_000, 3_000, 15_000]) : 0,
      ...(random.chance(0.25) && { unique: random.pick(["k1", "k2"]) }),
      maxRetries: random.below(4),
      maxLeaseLosses: random.between(1, 3),
      timeoutMs: random.pick([2_000, 5_000, 20_000]),
      ...(after && { after }),
      ...(random.chance(0.2) && { limit: random.pick(["l1", "l2"] as const) }),
    };
  }

  /** Some of the latest jobs, and of those before it in the call, unless another could stand for them. */
  #after(earlier: readonly JobPlan[]): AfterPlan | undefined {
    const random = this.#random;
    const latest = Array.from({ length: RECENT }, (_, back) => `j${this.#jobs - back}`);
    const stored = latest.filter((label) => this.#world.auditor.idOf(label) !== undefined);
    const labels = [...stored, ...earlier.filter(({ unique }) => unique === undefined).map(({ label }) => label)];
    if (labels.length === 0) return undefined;
    const on = new Set(Array.from({ length: random.between(1, 3) }, () => random.pick(labels)));
    return {
      on: [...on],
      need: random.pick(["all", "all", "any"] as const),
      onCanceled: random.pick(["cancel", "run"] as const),
    };
  }

  #reserve(process: number): Act {
    const random = this.#random;
    return {
      type: "reserve",
      process,
      topic: random.pick(TOPICS),
      limit: random.pick([1, 1, 2, 3, 10]),
      waitMs: random.chance(0.3) ? random.pick([1_000, 5_000]) : 0,
      ...(random.chance(0.5) && { leaseMs: random.pick([1_000, 3_000, 10_000]) }),
    };
  }

  /** Mostly by one of the latest holders; sometimes by one whose time is long over. */
  #hold(): Act | undefined {
    const random = this.#random;
    const { reservations } = this.#world;
    const outrun = random.chance(0.2) ? reservations.filter((holding) => this.#isOutrun(holding)) : [];
    const some = outrun.length > 0 ? outrun : reservations.slice(random.chance(0.8) ? -6 : 0);
    const holding = some[random.below(some.length)];
    if (!holding) return undefined;
    const deed = random.weighted(DEEDS);
    const ms = deed === "retry" ? random.pick([0, 1_000, 5_000]) : random.pick([1_000, 10_000]);
    const timed = deed === "extend" || ((deed === "retry" || deed === "suspend") && random.chance(0.6));
    return { type: "hold", deed, label: holding.label, token: holding.job.token, ...(timed && { ms }) };
  }

  /** Somebody else has its job by now. */
  #isOutrun({ job, process }: HeldReservation): boolean {
    const now = this.#world.auditor.known.get(job.id);
    return now?.state === "reserved" && now.token > job.token && !process.gate.dead;
  }

  #anyLabel(): string | undefined {
    const jobs = [...this.#world.auditor.known.values()];
    return jobs.length > 0 ? this.#random.pick(jobs).name : undefined;
  }
}

/** Nobody but the service wakes what waits for the members of a bundle. */
function isForService(deed: AdminDeed, label: string): boolean {
  return deed === "wake" && label.startsWith("b");
}
