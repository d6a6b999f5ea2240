import { applyUnit, type Change, heldKey, type Job, type Unit, type Write } from "@jobq/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { records } from "./records.ts";
import { NOW, SITUATIONS, sampleJob } from "./sample-job.ts";

const unique = "key";

function apply(unit: Omit<Unit, "now">, ...jobs: Job[]) {
  return applyUnit({ now: NOW, ...unit }, records(...jobs));
}

describe("a unique key", () => {
  test.each(Object.entries(SITUATIONS))("is held by a %s job if that has not ended", (situation, job) => {
    const ended = situation === "done" || situation === "canceled";
    const answer = apply({ insert: [sampleJob({ id: "job-2", unique })] }, { ...job, unique });
    expect(answer.outcome).toMatchObject({
      ok: true,
      inserted: [ended ? "job-2" : "job-1"],
      leftOut: ended ? [] : ["job-2"],
    });
    expect(answer.writes).toHaveLength(ended ? 1 : 0);
  });

  test("lets the first of two inserts in a unit through, and answers it for both", () => {
    const { outcome, writes } = apply({ insert: ["a", "b"].map((id) => sampleJob({ id, unique })) });
    expect(outcome).toMatchObject({ ok: true, inserted: ["a", "a"], leftOut: ["b"] });
    expect(writes).toMatchObject([{ after: { id: "a" } }]);
  });

  test("leaves jobs with other keys, or none, alone", () => {
    const insert = [sampleJob({ id: "a", unique: "other" }), sampleJob({ id: "b" }), sampleJob({ id: "c" })];
    expect(apply({ insert }, sampleJob({ unique })).outcome).toMatchObject({ inserted: ["a", "b", "c"] });
  });

  test("that another job holds refuses a reset", () => {
    const ended = { ...SITUATIONS.done, unique };
    const holder = sampleJob({ id: "job-2", unique });
    for (const more of [{}, { note: [{ id: "job-2", kind: "log", key: "1", value: "", at: NOW }] as const }]) {
      const answer = apply({ apply: [{ type: "reset", id: "job-1" }], ...more }, ended, holder);
      expect(answer).toEqual({
        outcome: { ok: false, code: "DUPLICATE_JOB", id: "job-1", job: ended, holder: "job-2" },
        writes: [],
        notes: [],
        forgotten: [],
      });
    }
  });

  test("that nobody holds lets a reset through", () => {
    const answer = apply({ apply: [{ type: "reset", id: "job-1" }] }, { ...SITUATIONS.done, unique });
    expect(answer.outcome).toMatchObject({ ok: true, changed: [{ state: "ready", unique }] });
  });

  test("is free for a reset once the unit has ended its holder, and taken for the next", () => {
    const jobs = [{ ...SITUATIONS.done, unique }, sampleJob({ id: "job-2", unique })];
    const changes: Change[] = [
      { type: "cancel", id: "job-2", reason: "canceled" },
      { type: "reset", id: "job-1" },
    ];
    expect(apply({ apply: changes }, ...jobs).outcome).toMatchObject({ ok: true });
    const back: Change = { type: "reset", id: "job-2" };
    expect(apply({ apply: [...changes, back] }, ...jobs).outcome).toMatchObject({
      code: "DUPLICATE_JOB",
      holder: "job-1",
    });
  });

  test("of 10,000 jobs in one unit costs each the same", () => {
    const jobs = Array.from({ length: 10_000 }, (_, at) => sampleJob({ id: `job-${at}`, unique: `key-${at % 5000}` }));
    let lookups = 0;
    const lookup = { job: () => undefined, holder: () => void lookups++, slotHolder: () => undefined };
    const { outcome, writes } = applyUnit({ now: NOW, insert: jobs }, lookup);
    expect(outcome).toMatchObject({ ok: true });
    expect(writes).toHaveLength(5000);
    expect(lookups).toBeLessThanOrEqual(10_000);
  });
});

const ids = ["a", "b", "c"] as const;
const anyJob = fc.record({
  id: fc.constantFrom(...ids),
  unique: fc.constantFrom(undefined, "x", "y"),
  state: fc.constantFrom("ready", "done", "canceled"),
});
const anyChange = fc
  .constantFrom(...ids)
  .chain((id) =>
    fc.constantFrom<Change>(
      { type: "cancel", id, reason: "canceled" },
      { type: "reset", id },
      { type: "reserve", id, by: "me" },
    ),
  );

test("whatever a unit does, one key has at most one holder afterwards, and each job is written once", () => {
  const units = fc.record({
    insert: fc.array(anyJob, { maxLength: 4 }),
    apply: fc.array(anyChange, { maxLength: 4 }),
    remove: fc.array(fc.constantFrom(...ids), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(units, { maxLength: 6 }), (all) => {
      const stored = new Map<string, Job>();
      for (const { insert, ...unit } of all) {
        const jobs = insert.map(({ state, ...rest }) => sampleJob({ ...SITUATIONS[state], ...rest }));
        const before = new Map(stored);
        const { outcome, writes } = apply({ insert: jobs, ...unit }, ...stored.values());
        for (const write of writes as Write<Job>[]) {
          const id = (write.after ?? write.before)?.id as string;
          expect(stored.get(id)).toBe(write.before);
          if (write.after) stored.set(id, write.after);
          else stored.delete(id);
        }
        expect(new Set(writes.map(({ before, after }) => (after ?? before)?.id)).size).toBe(writes.length);
        if (!outcome.ok) expect(stored).toEqual(before);
        const keys = [...stored.values()].map(heldKey).filter((key) => key !== undefined);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
    { numRuns: 500 },
  );
});
