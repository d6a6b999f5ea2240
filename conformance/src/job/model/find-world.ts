import type { CancelReason, Change, Job, JobId, JobQuery, JobState } from "@jobq/core";
import { type Committer, insert } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { type History, jobAfter, live, type Step } from "./history.ts";

/** The groups of the world. */
export const GROUPS: readonly JobId[] = [testId(8_001), testId(8_002)];

const TOPICS = ["a", "b", "A"] as const;
const NAMES = ["send", "render"] as const;
const STATES: readonly (JobState | CancelReason)[] = [
  "delayed",
  "ready",
  "reserved",
  "done",
  "canceled",
  "exhausted",
  "expired",
];

/** Changes that lead a new job to the state, at instants that differ from job to job. */
function pathTo(state: JobState | CancelReason, id: JobId, at: number): Step[] {
  const step = (change: Change): Step => ({ now: TEST_NOW + at, change });
  const reserve = step({ type: "reserve", id, by: "holder", leaseMs: 1_000 });
  if (state === "delayed" || state === "ready") return [];
  if (state === "reserved") return [reserve];
  if (state === "done") return [reserve, step({ type: "done", id, token: 1, result: "result" })];
  if (state === "exhausted") return [reserve, step({ type: "retry", id, token: 1, error: "failed" })];
  return [step({ type: "cancel", id, reason: state as CancelReason })];
}

function lifeOf(index: number): History {
  const state = STATES[index % STATES.length] as JobState | CancelReason;
  const job = testJob(index + 1, {
    topic: TOPICS[index % 3] as string,
    name: NAMES[(index >> 1) % 2] as string,
    maxRetries: 0,
    ...(index % 4 === 0 ? {} : { tags: { env: index % 2 ? "prod" : "test", size: String(index % 3) } }),
    ...(index % 5 === 0 ? {} : { group: GROUPS[index % 2] as string }),
    ...(state === "delayed" ? { state, runAt: TEST_NOW + index } : {}),
  });
  return { title: state, job, steps: pathTo(state, job.id, (index * 37) % 84) };
}

/** Puts 84 jobs of every sort into a store and returns them, by id. */
export async function populate(store: Committer): Promise<Job[]> {
  const lives = Array.from({ length: 84 }, (_, index) => lifeOf(index));
  await insert(store, ...lives.map(({ job }) => job).reverse());
  await live(store, lives);
  return lives.map(jobAfter);
}

/** For each filter the values that are worth asking for, some of which no job has. */
export const FILTERS: readonly Partial<JobQuery>[][] = [
  (["delayed", "ready", "reserved", "done", "canceled"] as const).map((state) => ({ state })),
  (["canceled", "exhausted", "expired", "poison"] as const).map((reason) => ({ reason })),
  ["a", "b", "A", "aa", ""].map((topic) => ({ topic })),
  ["send", "render", "Send"].map((name) => ({ name })),
  [
    { env: "prod" },
    { size: "1" },
    { env: "test", size: "2" },
    { env: "prod", size: "9" },
    { size: "" },
    { none: "" },
    {},
  ].map((tags) => ({ tags })),
  [...GROUPS, testId(8_003)].map((group) => ({ group })),
  [0, 999, 1_000, 1_037, 1_040, 1_083, 5_000].map((at) => ({ leaseEndsBy: TEST_NOW + at })),
  [-1, 0, 37, 40, 82, 83, 5_000].map((at) => ({ finishedBy: TEST_NOW + at })),
  [0, 1, 40, 83, 84, 85].map((number) => ({ after: testId(number) })),
];
