import type { Random } from "../../../conformance/src/simulator/random.ts";

/** What a handler does in one run. */
export type Deed =
  | "return"
  | "throw"
  | "give up"
  | "ask for a delay"
  | "take a while"
  /** Until its signal aborts. */
  | "hang"
  /** For ever, whatever its signal does. */
  | "hang deaf"
  | "return what cannot be encoded"
  | "settle by hand as done"
  | "settle by hand as canceled"
  | "settle by hand and throw"
  | "release by hand"
  | "log and report"
  | "enqueue another";

const DEEDS: Readonly<Record<Deed, number>> = {
  return: 30,
  throw: 14,
  "give up": 4,
  "ask for a delay": 4,
  "take a while": 22,
  hang: 8,
  "hang deaf": 4,
  "return what cannot be encoded": 3,
  "settle by hand as done": 3,
  "settle by hand as canceled": 2,
  "settle by hand and throw": 2,
  "release by hand": 2,
  "log and report": 4,
  "enqueue another": 4,
};

/** How many live jobs of each key may be admitted. */
export const LIMITS = { l1: 1, l2: 2 } as const;
/** Where jobs are enqueued. */
export const TOPICS = ["a", "b"] as const;
export type Topic = (typeof TOPICS)[number];
/** Which handler runs a job: one without a timeout, one with, and one that some workers do not know. */
export type Name = "steady" | "timed" | "strange";

/** A job, as it was asked for; it is the payload, and its label is among the tags. */
export interface JobPlan {
  readonly label: string;
  readonly topic: Topic;
  readonly name: Name;
  readonly weight: number;
  readonly delayMs: number;
  readonly maxRetries: number;
  readonly maxLeaseLosses: number;
  readonly limit?: keyof typeof LIMITS | undefined;
  /** What its handler does, run by run; later ones return. */
  readonly deeds: readonly Deed[];
  /** Labels of the jobs that have to end before it begins. */
  readonly waitsFor: readonly string[];
  readonly need: "all" | "any";
  readonly onCanceled: "cancel" | "run";
  /** It may be canceled without being asked to, since it is a member of a bundle. */
  readonly isMember?: boolean;
}

/** Jobs wait for jobs that are not older than this many others. */
const RECENT = 6;

/** Thinks out jobs. */
export class Planner {
  readonly #random: Random;
  readonly #labels: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param stored labels of jobs that may be waited for */
  job(stored: ReadonlySet<string>): JobPlan {
    const random = this.#random;
    const recent = this.#labels.slice(-RECENT).filter((label) => stored.has(label));
    const label = `j${this.#labels.length + 1}`;
    this.#labels.push(label);
    const waits = recent.length > 0 && random.chance(0.2);
    return {
      label,
      topic: random.pick(TOPICS),
      name: random.weighted({ steady: 10, timed: 5, strange: 1 }),
      weight: random.pick([0, 0, 0, -1, 1]),
      delayMs: random.chance(0.15) ? random.pick([1, 2_000, 7_000]) : 0,
      maxRetries: random.below(4),
      maxLeaseLosses: random.between(1, 3),
      ...(random.chance(0.25) && { limit: random.pick(["l1", "l2"] as const) }),
      deeds: Array.from({ length: random.between(1, 3) }, () => random.weighted(DEEDS)),
      waitsFor: waits ? [...new Set([random.pick(recent), random.pick(recent)])] : [],
      need: random.pick(["all", "all", "any"] as const),
      onCanceled: random.pick(["cancel", "run"] as const),
    };
  }
}
