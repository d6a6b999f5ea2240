import { type Change, type ChangeType, isRefusal, type Job, transition, type UnitOutcome } from "@jobq/core";
import type { UnitParts } from "../../commit.ts";
import { headOf, TEST_NOW } from "../../test-job.ts";
import { BLOCKERS, type History, histories, jobAfter, PASTS, type Past, type SpecOf } from "./history.ts";

/** Every type of change that an instant, blockers, attempts and leases take part in. */
export const CHANGE_TYPES: readonly ChangeType[] = [
  "promote",
  "unblock",
  "reserve",
  "extend",
  "done",
  "retry",
  "release",
  "suspend",
  "expire",
  "cancel",
  "reset",
];

/** A change, asked of the job as it is. */
export type Probe = (job: Job) => Change;

/** The change as the holder makes it, and with the token before and after the holder's. */
export const held = (probe: (token: number) => (job: Job) => Change): Probe[] =>
  [0, -1, 1].map((offset) => (job) => probe(job.token + offset)(job));

/** For every type of change, all the ways of asking for it. */
export const PROBES: { readonly [T in ChangeType]?: readonly Probe[] } = {
  promote: [({ id }) => ({ type: "promote", id })],
  unblock: [
    ({ id }) => ({ type: "unblock", id, by: BLOCKERS[0] as string }),
    ({ id }) => ({ type: "unblock", id, by: BLOCKERS[1] as string }),
    ({ id }) => ({ type: "unblock", id, by: id }),
  ],
  reserve: [
    ({ id }) => ({ type: "reserve", id, by: "new holder" }),
    ({ id }) => ({ type: "reserve", id, by: "new holder", leaseMs: 1 }),
  ],
  extend: [
    ...held((token) => ({ id }) => ({ type: "extend", id, token })),
    ...held((token) => ({ id }) => ({ type: "extend", id, token, until: TEST_NOW + 600_000 })),
    ({ id, token }) => ({ type: "extend", id, token, until: TEST_NOW - 600_000 }),
    ({ id, token }) => ({ type: "extend", id, token, progress: { value: 0.25 } }),
    ({ id, token }) => ({
      type: "extend",
      id,
      token,
      until: TEST_NOW + 700_000,
      progress: { value: 1, message: "all" },
    }),
  ],
  done: [
    ...held((token) => ({ id }) => ({ type: "done", id, token, result: `{"by":${token}}` })),
    ({ id, token }) => ({ type: "done", id, token }),
    ({ id, token }) => ({ type: "done", id, token, result: "" }),
  ],
  retry: [
    ...held((token) => ({ id }) => ({ type: "retry", id, token, at: TEST_NOW + 5_000, error: "failed" })),
    ({ id, token }) => ({ type: "retry", id, token }),
    ({ id, token }) => ({ type: "retry", id, token, at: TEST_NOW, error: "" }),
  ],
  release: held((token) => ({ id }) => ({ type: "release", id, token })),
  suspend: [
    ...held((token) => ({ id }) => ({ type: "suspend", id, token, at: TEST_NOW + 1 })),
    ({ id, token }) => ({ type: "suspend", id, token, at: TEST_NOW + 86_400_000 }),
    ({ id, token }) => ({ type: "suspend", id, token }),
    ({ id, token }) => ({ type: "suspend", id, token, at: TEST_NOW }),
  ],
  expire: [
    ({ id }) => ({ type: "expire", id }),
    ({ id }) => ({ type: "expire", id, at: TEST_NOW + 1 }),
    ({ id }) => ({ type: "expire", id, at: TEST_NOW }),
  ],
  cancel: [
    ...held((token) => ({ id }) => ({ type: "cancel", id, token, reason: "rejected", error: "never again" })),
    ({ id }) => ({ type: "cancel", id, reason: "canceled" }),
    ({ id }) => ({ type: "cancel", id, reason: "expired", error: "too late" }),
    ({ id }) => ({ type: "cancel", id, reason: "dependency" }),
  ],
  reset: [({ id }) => ({ type: "reset", id })],
};

/** One change of one job, and what core says comes of it. */
export interface Trial {
  readonly title: string;
  readonly history: History;
  readonly unit: UnitParts;
  readonly outcome: UnitOutcome;
  readonly before: Job;
  readonly after: Job;
}

/** Every past with every probe, on jobs of their own, numbered from `first`. */
export function trialsWith(probes: readonly Probe[], pasts: readonly Past[], first: number, specOf?: SpecOf): Trial[] {
  return probes.flatMap((probe, index) =>
    histories(pasts, first + index * 100, specOf).map((history): Trial => {
      const before = jobAfter(history);
      const change = probe(before);
      const answer = transition(before, change, TEST_NOW);
      const refused = isRefusal(answer);
      return {
        title: `${JSON.stringify(change)} on a job that is ${history.title}`,
        history,
        unit: { apply: [change] },
        outcome: refused
          ? { ...answer, job: headOf(before) }
          : { ok: true, inserted: [], leftOut: [], changed: [headOf(answer)], removed: [] },
        before,
        after: refused ? before : answer,
      };
    }),
  );
}

/** Every past with every probe of the type, on jobs numbered from `first`. */
export function trialsOf(type: ChangeType, first: number, specOf?: SpecOf): Trial[] {
  return trialsWith(PROBES[type] ?? [], PASTS, first, specOf);
}

/** Every past with every probe of every type. */
export function allTrials(specOf?: SpecOf): Trial[] {
  return CHANGE_TYPES.flatMap((type, index) => trialsOf(type, 1 + index * 2_000, specOf));
}

/** The history of the trial's job. */
export const historyOf = ({ history }: Trial): History => history;

/** The unit that is tried. */
export const unitOf = ({ unit }: Trial): UnitParts => unit;
