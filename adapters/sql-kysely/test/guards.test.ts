import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import { type Change, copyHead, isFinal, isRefusal, JOB_STATES, type Job, transition } from "@jobq/core";
import { expect, it } from "vitest";
import { CHANGE_SETS, type ChangeSetName } from "../src/commit/change-sets.ts";
import { CountDeltas } from "../src/counts/count-deltas.ts";
import { sqlJobs } from "../src/sql-jobs.ts";
import { type DatabaseKind, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

const TOKEN = 5;

/** Jobs in every state, at every edge that a guard or an effect looks at. */
function* jobsAtEdges(): Generator<Partial<Job>> {
  for (const state of JOB_STATES) {
    for (const attempt of [1, 2, 3]) yield { state, attempt, maxRetries: 2, error: "before" };
    for (const leaseLosses of [0, 1, 2]) yield { state, attempt: 1, leaseLosses, maxLeaseLosses: 2 };
    if (state === "delayed") {
      for (const runAt of [NOW - 1, NOW, NOW + 1, undefined]) {
        for (const blockers of [undefined, [testId(9_000)]]) yield { state, runAt, blockers };
      }
    }
    const limit = { key: "limit", concurrency: 1 };
    if (!isFinal(state)) for (const slot of [undefined, 0]) yield { state, attempt: 1, limit, slot };
    for (const expiresAt of [NOW - 1, NOW, NOW + 1]) {
      yield { state, expiresAt, runAt: state === "delayed" ? NOW : undefined, woken: true };
    }
    if (state === "delayed") {
      yield { state, runAt: NOW, awaits: "group" };
      yield { state, runAt: NOW, awaits: "", limit };
      yield { state, runAt: NOW - 1, limit };
      yield { state, blockers: [testId(9_000)], limit };
    }
    if (state === "reserved") yield { state, attempt: 1, woken: true, links: 2, uniqueSpan: "queued" };
    for (const leaseUntil of [NOW - 1, NOW, NOW + 1]) yield { state, attempt: 1, leaseUntil, progress: { value: 0.5 } };
  }
}

type ChangeIn<T extends ChangeSetName> = Extract<Change, { type: T extends "finish" ? "done" : T }>;

const idFree: { readonly [T in ChangeSetName]: readonly Omit<ChangeIn<T>, "id">[] } = {
  done: [
    { type: "done", token: TOKEN, result: "r" },
    { type: "done", token: TOKEN },
    { type: "done", token: TOKEN + 1 },
  ],
  finish: [
    { type: "done", token: TOKEN },
    { type: "done", token: TOKEN + 1 },
  ],
  retry: [
    ...[NOW - 1, NOW, NOW + 1].map((at) => ({ type: "retry", token: TOKEN, at, error: "e" }) as const),
    { type: "retry", token: TOKEN },
    { type: "retry", token: TOKEN - 1 },
  ],
  release: [
    { type: "release", token: TOKEN },
    { type: "release", token: 0 },
  ],
  suspend: [
    ...[NOW - 1, NOW, NOW + 1].map((at) => ({ type: "suspend", token: TOKEN, at }) as const),
    { type: "suspend", token: TOKEN },
    { type: "suspend", token: TOKEN, awaits: "" },
    { type: "suspend", token: TOKEN, awaits: "group", at: NOW + 1 },
    { type: "suspend", token: TOKEN - 1, at: NOW + 1 },
  ],
  extend: [
    ...[NOW - 9, NOW + 9].map((until) => ({ type: "extend", token: TOKEN, until }) as const),
    { type: "extend", token: TOKEN, progress: { value: 1, message: "m" } },
    { type: "extend", token: TOKEN },
    { type: "extend", token: TOKEN + 1, until: NOW + 9 },
  ],
  cancel: [
    { type: "cancel", token: TOKEN, reason: "rejected", error: "e" },
    { type: "cancel", token: TOKEN, reason: "expired" },
    { type: "cancel", token: TOKEN + 1, reason: "rejected" },
  ],
  reserve: [
    { type: "reserve", by: "me" },
    { type: "reserve", by: "me", leaseMs: 7 },
  ],
  promote: [{ type: "promote" }],
  admit: [
    { type: "admit", slot: 0 },
    { type: "admit", slot: 1 },
  ],
  expire: [...[NOW, NOW + 1].map((at) => ({ type: "expire", at }) as const), { type: "expire" }],
};

for (const kind of [sqlite, postgres] satisfies DatabaseKind[]) {
  await describeOn(kind, (database) => {
    const jobs = sqlJobs(database.connect(), database.options);

    it.each(Object.keys(CHANGE_SETS) as ChangeSetName[])(
      "the set statement of %s changes the jobs that core's transition changes, and in the same way",
      async (name) => {
        await database.clear();
        const edges = [...jobsAtEdges()];
        const cases = idFree[name].flatMap((change, row) =>
          edges.map((edge, column) => {
            const held = edge.state === "reserved" ? { leaseUntil: NOW + 5, reservedAt: NOW - 5, reservedBy: "h" } : {};
            const ended = edge.state && isFinal(edge.state) ? { finishedAt: NOW - 1 } : {};
            const number = row * edges.length + column + 1;
            const own = edge.limit ? { limit: { ...edge.limit, key: `limit ${number}` } } : {};
            const job = testJob(number, { token: TOKEN, ...held, ...ended, ...edge, ...own });
            return { job, change: { ...change, id: job.id } as Change };
          }),
        );
        await jobs.commit([{ now: NOW, insert: cases.map(({ job }) => job) }]);
        const changes = cases.map(({ change }) => ({ change, now: NOW, notes: [] }));
        const changed = await jobs.internals.session.transaction((executor) =>
          jobs.internals.writer.change(executor, name, changes, new CountDeltas()),
        );
        const expected = cases.flatMap(({ job, change }) => {
          const after = transition(job, change, NOW);
          const isLeft = isRefusal(after) || (CHANGE_SETS[name].deletes && after.links);
          return isLeft ? [] : [after];
        });
        expect(expected.length).toBeGreaterThan(0);
        expect(expected.length).toBeLessThan(cases.length);
        const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
        expect([...changed.values()].sort(byId)).toEqual(expected.map(copyHead).sort(byId));
        const stored = await jobs.get(expected.map(({ id }) => id));
        expect(stored).toEqual(CHANGE_SETS[name].deletes ? expected.map(() => undefined) : expected);
      },
    );
  });
}
