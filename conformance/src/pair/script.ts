import type { Change, Job, JobHead, JobId, QueueStore, Timestamp } from "@jobq/core";
import { commitAll, type UnitParts } from "../commit.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { recover } from "./follow.ts";

const DIGITS = 12;

/** The number of the test job with this id. */
const numberOf = (id: JobId): number => Number.parseInt(id.slice(-DIGITS), 16);

const after = (instant: Timestamp | undefined): string => (instant === undefined ? "" : `+${instant - TEST_NOW}`);

/** One word for a job: its number, state, token and what else tells it apart. */
function word(job: JobHead): string {
  const parts = [`${numberOf(job.id)}:${job.reason ?? job.state}`, `t${job.token}`, `a${job.attempt}`];
  if (job.leaseLosses) parts.push(`l${job.leaseLosses}`);
  if (job.resetCount) parts.push(`r${job.resetCount}`);
  if (job.runAt !== undefined) parts.push(`at${after(job.runAt)}`);
  if (job.blockers) parts.push(`waits${job.blockers.map((id) => `-${numberOf(id)}`).join("")}`);
  if (job.leaseUntil !== undefined) parts.push(`until${after(job.leaseUntil)}`);
  if (job.finishedAt !== undefined) parts.push(`end${after(job.finishedAt)}`);
  if (job.error !== undefined) parts.push(`error=${job.error}`);
  return parts.join("/");
}

/** What has happened, line by line, in words that are the same on every store. */
class Trace {
  readonly lines: string[] = [];
  readonly #store: QueueStore;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  async commit(title: string, units: readonly UnitParts[], afterMs = 0): Promise<void> {
    const outcomes = await commitAll(
      this.#store,
      units.map((unit) => ({ now: TEST_NOW + afterMs, ...unit })),
    );
    const told = outcomes.map((outcome) => {
      if (!outcome.ok) {
        const holder = outcome.holder === undefined ? "" : ` held by ${numberOf(outcome.holder)}`;
        return `${outcome.code} ${numberOf(outcome.id)}${outcome.job ? ` ${word(outcome.job)}` : ""}${holder}`;
      }
      const inserted = outcome.inserted.map((id) => `+${numberOf(id)}`);
      const removed = outcome.removed.map((id) => `-${numberOf(id)}`);
      return [...inserted, ...outcome.changed.map(word), ...removed].join(" ") || "stored";
    });
    this.#add(title, told.join("; "));
  }

  async reserve(topic: string, limit: number, afterMs: number, leaseMs?: number): Promise<void> {
    const claim = { topic, limit, by: "worker", leaseMs };
    const [jobs] = await this.#store.reserve([claim], TEST_NOW + afterMs);
    this.#add(
      `reserve ${limit} of ${topic} at +${afterMs}`,
      (jobs as Job[]).map((job) => `${word(job)}=${job.payload}`).join(" "),
    );
  }

  async promote(afterMs: number, limit: number): Promise<void> {
    this.#add(`promote ${limit} at +${afterMs}`, unordered(await this.#store.promote(TEST_NOW + afterMs, limit)));
  }

  async expire(afterMs: number, limit: number): Promise<void> {
    this.#add(`expire ${limit} at +${afterMs}`, unordered(await this.#store.expire(TEST_NOW + afterMs, limit)));
  }

  /** Everything there is to see: jobs, counts, topics, the next instants. */
  async look(): Promise<void> {
    const { jobs, topics } = this.#store;
    this.#add("jobs", (await jobs.find({ limit: 100 })).map(word).join(" "));
    this.#add(
      "tally",
      (await jobs.tally())
        .map(({ topic, state, count }) => `${topic}/${state}=${count}`)
        .sort()
        .join(" "),
    );
    const infos = (await topics.topics()).map(
      ({ topic, ready, delayed, paused }) => `${topic}=${ready}+${delayed}${paused ? " paused" : ""}`,
    );
    this.#add("topics", infos.sort().join(" "));
    this.#add(
      "next due, next lease end",
      [await topics.nextDueAt(), await jobs.nextLeaseEndAt()].map((at) => after(at) || "none").join(" "),
    );
  }

  async notes(number: number): Promise<void> {
    const notes = await this.#store.jobs.notes(testId(number), "checkpoint");
    this.#add(`checkpoints of ${number}`, notes.map(({ key, value, at }) => `${key}=${value}@${after(at)}`).join(" "));
  }

  async find(title: string, query: Parameters<QueueStore["jobs"]["find"]>[0]): Promise<void> {
    this.#add(`find ${title}`, (await this.#store.jobs.find(query)).map(({ id }) => numberOf(id)).join(" "));
  }

  #add(title: string, told: string): void {
    this.lines.push(`${title}: ${told || "none"}`);
  }
}

function unordered(jobs: readonly JobHead[]): string {
  return jobs.map(word).sort().join(" ");
}

const take = (number: number): Change => ({ type: "reserve", id: testId(number), by: "guest", leaseMs: 5_000 });
const checkpoint = (number: number, key: string, value: string) =>
  ({ id: testId(number), kind: "checkpoint", key, value, at: TEST_NOW + 7 }) as const;

/** Runs a fixed script over an empty store and returns what it observed: the same lines for every correct store. */
export async function tracePair(store: QueueStore): Promise<readonly string[]> {
  const trace = new Trace(store);
  const id = testId;
  await trace.commit("enqueue", [
    { insert: [testJob(1), testJob(2, { weight: -5 }), testJob(3, { weight: 5, unique: "key" })] },
    { insert: [testJob(4, { state: "delayed", runAt: TEST_NOW + 1_000, maxRetries: 0, timeoutMs: 10_000 })] },
    {
      insert: [testJob(5, { unique: "key" }), testJob(6, { topic: "mail", tags: { env: "prod" }, maxLeaseLosses: 1 })],
    },
    { insert: [testJob(7, { state: "delayed", blockers: [id(1), id(6)] }), testJob(1)] },
    { insert: [testJob(8)], apply: [take(99)] },
  ]);
  await trace.look();
  await trace.reserve("topic", 2, 10);
  await trace.reserve("mail", 5, 10, 2_000);
  await trace.commit("checkpoints", [
    {
      apply: [{ type: "extend", id: id(2), token: 1, until: TEST_NOW + 40_000 }],
      note: [checkpoint(2, "b", "1"), checkpoint(2, "a", "2")],
    },
    { apply: [{ type: "extend", id: id(2), token: 9 }], note: [checkpoint(2, "c", "stale")] },
    { note: [checkpoint(2, "b", "3")] },
  ]);
  await trace.notes(2);
  await trace.commit(
    "done, unblock",
    [
      {
        apply: [
          { type: "done", id: id(1), token: 1, result: "ok" },
          { type: "unblock", id: id(7), by: id(1) },
        ],
      },
    ],
    20,
  );
  await trace.promote(999, 10);
  await trace.promote(1_000, 10);
  await trace.expire(2_009, 10);
  await trace.expire(2_010, 10);
  await trace.look();
  await trace.commit("late holder", [{ apply: [{ type: "done", id: id(6), token: 1 }] }], 2_020);
  await trace.commit(
    "unblock twice",
    [1, 2].map(() => ({ apply: [{ type: "unblock", id: id(7), by: id(6) }] })),
    2_030,
  );
  await trace.reserve("topic", 10, 3_000);
  await trace.commit(
    "settle",
    [
      { apply: [{ type: "retry", id: id(4), token: 1, error: "failed" }] },
      { apply: [{ type: "retry", id: id(3), token: 1, at: TEST_NOW + 9_000, error: "again" }] },
      { apply: [{ type: "suspend", id: id(7), token: 1, at: TEST_NOW + 8_000 }] },
      { apply: [{ type: "release", id: id(2), token: 1 }] },
      { apply: [{ type: "release", id: id(2), token: 1 }] },
    ],
    3_010,
  );
  await trace.look();
  await trace.find("exhausted or poison", { state: "canceled", limit: 10 });
  await trace.find("after 2, two of them", { after: id(2), limit: 2 });
  await trace.find("ended by +20", { finishedBy: TEST_NOW + 20, limit: 10 });
  await trace.find("of production", { tags: { env: "prod" }, limit: 10 });
  await trace.commit(
    "reset",
    [4, 6, 2].map((number) => ({ apply: [{ type: "reset", id: id(number) }] })),
    4_000,
  );
  await trace.commit(
    "cancel, insert, reset",
    [
      { apply: [{ type: "cancel", id: id(3), reason: "canceled", error: "not needed" }] },
      { insert: [testJob(9, { unique: "key", weight: -9 })] },
      { apply: [{ type: "reset", id: id(3) }] },
      { remove: [id(1), id(99)] },
    ],
    4_010,
  );
  await store.topics.pause("topic", true);
  await trace.reserve("topic", 10, 4_020);
  await trace.look();
  await store.topics.pause("topic", false);
  await recover(store, 2);
  await trace.reserve("topic", 2, 4_030);
  await trace.reserve("topic", 10, 4_040);
  await trace.promote(99_000, 10);
  await trace.expire(99_000, 10);
  await trace.commit("remove all", [{ remove: [2, 3, 4, 6, 9].map(testId) }], 99_010);
  await trace.notes(2);
  await trace.look();
  return trace.lines;
}
