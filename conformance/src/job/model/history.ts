import { type Change, isRefusal, type Job, type JobId, type Timestamp, transition } from "@jobq/core";
import { Fault } from "../../check.ts";
import { type Committer, commitAll, insert, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";

/** A change and the instant at which it happens. */
export interface Step {
  readonly now: Timestamp;
  readonly change: Change;
}

/** How a job came to be in some state: as a store would see it, from its insert on. */
export interface History {
  readonly title: string;
  readonly job: Job;
  readonly steps: readonly Step[];
}

/** The blockers of the jobs that wait for others. */
export const BLOCKERS: readonly JobId[] = [testId(9_001), testId(9_002)];

/** A way into a state: what the job has, and the changes that lead there, each at the instant of the test jobs unless it says. */
export type Past = readonly [title: string, job: Partial<Job>, steps: (id: JobId) => readonly (Change | Step)[]];

const reserve = (id: JobId): Change => ({ type: "reserve", id, by: "first holder", leaseMs: 10_000 });
const lose = (id: JobId, round: number): Step[] => [
  { now: TEST_NOW - 90_000 + round * 30_000, change: reserve(id) },
  { now: TEST_NOW - 70_000 + round * 30_000, change: { type: "expire", id } },
];

/** Every state that an instant, blockers, attempts and leases make. */
export const PASTS: readonly Past[] = [
  ["delayed and due", { state: "delayed", runAt: TEST_NOW }, () => []],
  ["delayed by a millisecond", { state: "delayed", runAt: TEST_NOW + 1 }, () => []],
  ["waiting for two", { state: "delayed", blockers: BLOCKERS }, () => []],
  ["waiting for one", { state: "delayed", blockers: BLOCKERS.slice(0, 1) }, () => []],
  [
    "waiting for one and an instant",
    { state: "delayed", blockers: BLOCKERS.slice(0, 1), runAt: TEST_NOW + 5_000 },
    () => [],
  ],
  [
    "waiting for one and an instant that came",
    { state: "delayed", blockers: BLOCKERS.slice(0, 1), runAt: TEST_NOW },
    () => [],
  ],
  ["ready", { tags: { a: "b" }, group: testId(9_009) }, () => []],
  ["ready again", {}, (id) => [reserve(id), { type: "retry", id, token: 1, error: "failed once" }]],
  ["reserved", {}, (id) => [reserve(id)]],
  [
    "reserved with progress",
    {},
    (id) => [
      reserve(id),
      { type: "extend", id, token: 1, until: TEST_NOW + 60_000, progress: { value: 0.5, message: "half" } },
    ],
  ],
  ["reserved until now", {}, (id) => [{ now: TEST_NOW - 10_000, change: reserve(id) }]],
  ["reserved for the last time", { maxRetries: 0 }, (id) => [reserve(id)]],
  [
    "reserved after lost leases",
    { maxLeaseLosses: 3 },
    (id) => [...lose(id, 0), ...lose(id, 1), { now: TEST_NOW - 20_000, change: reserve(id) }],
  ],
  ["done", {}, (id) => [reserve(id), { type: "done", id, token: 1 }]],
  [
    "done with a result",
    {},
    (id) => [
      reserve(id),
      { type: "retry", id, token: 1, error: "failed" },
      reserve(id),
      { type: "done", id, token: 2, result: '{"ok":1}' },
    ],
  ],
  ["canceled", {}, (id) => [{ type: "cancel", id, reason: "canceled", error: "not needed" }]],
  ["exhausted", { maxRetries: 0 }, (id) => [reserve(id), { type: "retry", id, token: 1, error: "failed" }]],
  ["poison", { maxLeaseLosses: 1 }, (id) => lose(id, 0)],
  ["reset", {}, (id) => [reserve(id), { type: "done", id, token: 1, result: "r" }, { type: "reset", id }]],
];

/** What the job with this number has besides. */
export type SpecOf = (number: number) => Partial<Job>;

/** One history for each way into a state, on jobs numbered from `first`; each has a unique key and a limit of its own. */
export function histories(pasts: readonly Past[], first: number, specOf: SpecOf = () => ({})): History[] {
  return pasts.map(([title, overrides, past], index) => {
    const number = first + index;
    const { limit, unique } = overrides;
    const own = {
      ...(limit && { limit: { ...limit, key: `${limit.key} ${number}` } }),
      ...(unique !== undefined && { unique: `${unique} ${number}` }),
    };
    const job = testJob(number, { ...overrides, ...own, ...specOf(number) });
    const steps = past(job.id).map((step) => ("change" in step ? step : { now: TEST_NOW, change: step }));
    return { title, job, steps };
  });
}

/** The job at the end of its history, as core works it out. */
export function jobAfter({ job, steps, title }: History): Job {
  return steps.reduce((before, { change, now }) => {
    const after = transition(before, change, now);
    if (isRefusal(after)) throw new Fault(`the history "${title}" is refused: ${after.code}`);
    return after;
  }, job);
}

/** Takes a store through the histories, a step of each at a time. */
export async function live(store: Committer, lives: readonly History[]): Promise<void> {
  await insert(store, ...lives.map(({ job }) => job));
  for (let round = 0; ; round += 1) {
    const steps = lives.flatMap((history) => history.steps[round] ?? []);
    if (steps.length === 0) return;
    for (const outcome of await commitAll(
      store,
      steps.map(({ now, change }) => ({ now, apply: [change] })),
    ))
      stored(outcome);
  }
}
