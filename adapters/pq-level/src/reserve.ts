import type { Claim, Job, Timestamp, Topic, Unit, UnitOutcome } from "@jobq/core";
import { follow, type Step } from "./follow.ts";
import { idOf } from "./keys.ts";

/** A claim, and what it has got so far. */
export interface OpenClaim {
  readonly claim: Claim;
  readonly jobs: Job[];
}

/** Reserves the first jobs of each topic, in one batch; returns the claims that may get more in another turn. */
export async function reserveOnce(step: Step, open: readonly OpenClaim[], now: Timestamp): Promise<OpenClaim[]> {
  const keys: string[] = [];
  const units: Unit[] = [];
  const takers: OpenClaim[] = [];
  const more: OpenClaim[] = [];
  const taken = new Map<Topic, number>();
  for (const one of open) {
    const { topic, limit, by, leaseMs } = one.claim;
    const [from, wanted] = [taken.get(topic) ?? 0, limit - one.jobs.length];
    const found = (await step.opened.state.first(topic, from + wanted)).slice(from);
    taken.set(topic, from + found.length);
    for (const key of found) {
      keys.push(key);
      units.push({ now, apply: [{ type: "reserve", id: idOf(key), by, leaseMs }] });
      takers.push(one);
    }
    if (found.length === wanted) more.push(one);
  }
  if (keys.length === 0) return [];
  const outcomes = await step.session.commit(units, { isWhole: true, follow: follow(step, keys) });
  outcomes.forEach((outcome: UnitOutcome, i) => {
    if (outcome.ok) takers[i]?.jobs.push(...(outcome.changed as readonly Job[]));
  });
  return more.filter(({ claim, jobs }) => jobs.length < claim.limit);
}
