import { applyUnit, type Job, type JobId, type Note, type Unit } from "@jobq/core";
import { describe, expect, test } from "vitest";
import { records } from "./records.ts";
import { NOW, SITUATIONS, sampleJob } from "./sample-job.ts";

function apply(unit: Omit<Unit, "now">, ...jobs: Job[]) {
  return applyUnit({ now: NOW, ...unit }, records(...jobs));
}

const log = (id: JobId, key = "1"): Note => ({ id, kind: "log", key, value: "line", at: NOW });
const NOTHING = { writes: [], notes: [], forgotten: [] };

describe("an insert", () => {
  test("writes a new record", () => {
    const job = sampleJob();
    const { outcome, writes } = apply({ insert: [job] });
    expect(outcome).toEqual({ ok: true, inserted: [job.id], leftOut: [], changed: [], removed: [] });
    expect(writes).toEqual([{ before: undefined, after: job }]);
  });

  test("of an id that is there already leaves that job as it is and refuses nothing", () => {
    const answer = apply({ insert: [sampleJob({ payload: "new" })] }, sampleJob({ payload: "old" }));
    expect(answer).toMatchObject({ outcome: { ok: true, inserted: ["job-1"], leftOut: ["job-1"] }, ...NOTHING });
  });

  test("twice of one id in a unit is written once, the first time", () => {
    const { outcome, writes } = apply({ insert: [sampleJob({ payload: "1" }), sampleJob({ payload: "2" })] });
    expect(outcome).toMatchObject({ ok: true, inserted: ["job-1", "job-1"] });
    expect(writes).toEqual([{ before: undefined, after: sampleJob({ payload: "1" }) }]);
  });
});

describe("a change", () => {
  test("writes the record after it over the one before", () => {
    const { outcome, writes } = apply({ apply: [{ type: "reserve", id: "job-1", by: "me" }] }, SITUATIONS.ready);
    expect(outcome).toMatchObject({ ok: true, changed: [{ state: "reserved", token: 7 }], inserted: [], removed: [] });
    expect(writes).toMatchObject([{ before: SITUATIONS.ready, after: { state: "reserved" } }]);
  });

  test.each([
    ["a job that is not there", [], "JOB_NOT_FOUND"],
    ["a stale token", [SITUATIONS.ready], "LEASE_LOST"],
  ] as const)("of %s is refused and writes nothing", (_, jobs, code) => {
    const answer = apply({ apply: [{ type: "done", id: "job-1", token: 7 }] }, ...jobs);
    expect(answer).toEqual({ outcome: { ok: false, code, id: "job-1", ...(jobs[0] && { job: jobs[0] }) }, ...NOTHING });
  });

  test("sees what the unit inserted and changed before it, and is written as one record", () => {
    const { outcome, writes } = apply({
      insert: [sampleJob()],
      apply: [
        { type: "reserve", id: "job-1", by: "me" },
        { type: "done", id: "job-1", token: 1, result: "2" },
      ],
    });
    expect(outcome).toMatchObject({ ok: true, changed: [{ state: "reserved" }, { state: "done" }] });
    expect(writes).toMatchObject([{ before: undefined, after: { state: "done", result: "2" } }]);
  });
});

describe("a unit of many parts", () => {
  const two = sampleJob({ id: "job-2" });

  test("is refused whole by one guard that fails, wherever it stands", () => {
    const good = { type: "reserve", id: "job-1", by: "me" } as const;
    const bad = { type: "promote", id: "job-2" } as const;
    for (const changes of [
      [good, bad],
      [bad, good],
    ]) {
      const unit = { insert: [sampleJob({ id: "job-3" })], apply: changes, note: [log("job-1")], remove: ["job-2"] };
      const { outcome, ...rest } = apply(unit, SITUATIONS.ready, two);
      expect(outcome).toEqual({ ok: false, code: "INVALID_STATE", id: "job-2", job: two });
      expect(rest).toEqual(NOTHING);
    }
  });

  test("names the first guard that fails", () => {
    const changes = ["gone", "job-2"].map((id) => ({ type: "promote", id }) as const);
    expect(apply({ apply: changes }, two).outcome).toEqual({ ok: false, code: "JOB_NOT_FOUND", id: "gone" });
  });

  test("without parts is stored and does nothing", () => {
    expect(apply({})).toEqual({
      outcome: { ok: true, inserted: [], leftOut: [], changed: [], removed: [] },
      ...NOTHING,
    });
  });

  test("lists its outcomes in the order of its parts", () => {
    const ids = ["c", "a", "b"];
    const { outcome } = apply({ insert: ids.map((id) => sampleJob({ id })), remove: ["b", "none", "a"] });
    expect(outcome).toMatchObject({ inserted: ids, removed: ["b", "a"] });
  });
});

describe("a note", () => {
  test("goes with the job it is on, be it inserted by the same unit", () => {
    expect(apply({ note: [log("job-1")] }, sampleJob()).notes).toEqual([log("job-1")]);
    expect(apply({ insert: [sampleJob()], note: [log("job-1")] }).notes).toEqual([log("job-1")]);
  });

  test("on a job that is not there refuses the unit", () => {
    const { outcome, ...rest } = apply({ insert: [sampleJob()], note: [log("job-1"), log("gone")] });
    expect(outcome).toEqual({ ok: false, code: "JOB_NOT_FOUND", id: "gone" });
    expect(rest).toEqual(NOTHING);
  });

  test("with a change is kept if the change is allowed, and lost with it if not", () => {
    const change = (token: number) => ({
      apply: [{ type: "extend", id: "job-1", token } as const],
      note: [log("job-1")],
    });
    expect(apply(change(7), SITUATIONS.held).notes).toEqual([log("job-1")]);
    expect(apply(change(6), SITUATIONS.held)).toMatchObject({ outcome: { ok: false, code: "LEASE_LOST" }, ...NOTHING });
  });

  test("on a job that the unit removes is not kept", () => {
    const { outcome, notes } = apply(
      { note: [log("job-1"), log("job-2")], remove: ["job-1"] },
      sampleJob(),
      sampleJob({ id: "job-2" }),
    );
    expect(outcome).toMatchObject({ ok: true, removed: ["job-1"] });
    expect(notes).toEqual([log("job-2")]);
  });
});

describe("a removal", () => {
  test.each(Object.entries(SITUATIONS))("forgets a job that is %s", (_, job) => {
    const { outcome, writes } = apply({ remove: [job.id] }, job);
    expect(outcome).toMatchObject({ ok: true, removed: [job.id] });
    expect(writes).toEqual([{ before: job, after: undefined }]);
  });

  test("passes over a job that is not there, and over one that was removed already", () => {
    const { outcome, writes } = apply({ remove: ["gone", "job-1", "job-1"] }, sampleJob());
    expect(outcome).toMatchObject({ ok: true, removed: ["job-1"] });
    expect(writes).toHaveLength(1);
  });

  test("of a job that the same unit inserted leaves nothing to write", () => {
    expect(apply({ insert: [sampleJob()], remove: ["job-1"] })).toMatchObject({ outcome: { ok: true }, ...NOTHING });
  });
});

describe("a slot", () => {
  const limit = { key: "tenant", concurrency: 2 };
  const waiting = (id: string) => sampleJob({ id, state: "delayed", limit });

  test("is taken by one live job of a key, also within one unit, and by another after its end", () => {
    const admit = (id: string, slot: number) => ({ type: "admit", id, slot }) as const;
    const jobs = [waiting("a"), waiting("b"), waiting("c")];
    const both = { now: NOW, apply: [admit("a", 0), admit("b", 0)] };
    expect(applyUnit(both, records(...jobs)).outcome).toMatchObject({ code: "DUPLICATE_JOB", id: "b", holder: "a" });
    const next = {
      now: NOW,
      apply: [admit("a", 0), { type: "cancel", id: "a", reason: "canceled" }, admit("b", 0)],
    } as const;
    expect(applyUnit(next, records(...jobs)).outcome).toMatchObject({ ok: true });
    const held = sampleJob({ id: "a", limit, slot: 0 });
    const apply = [admit("b", 0)];
    expect(applyUnit({ now: NOW, apply }, records(held, waiting("b"))).outcome).toMatchObject({ holder: "a" });
    const gone = sampleJob({ ...held, state: "done", slot: undefined });
    expect(applyUnit({ now: NOW, apply }, records(gone, waiting("b"))).outcome).toMatchObject({ ok: true });
  });

  test("leaves out an insert that would hold it too", () => {
    const held = sampleJob({ id: "a", limit, slot: 1 });
    const unit = { now: NOW, insert: [sampleJob({ id: "b", limit, slot: 1 }), sampleJob({ id: "c", limit, slot: 0 })] };
    expect(applyUnit(unit, records(held)).outcome).toMatchObject({ inserted: ["a", "c"], leftOut: ["b"] });
  });
});

test("notes are forgotten one by one, after those of the unit were written, and with a job that is removed", () => {
  const job = sampleJob({ id: "a" });
  const ref = { id: "a", kind: "log", key: "k" };
  const unit = { now: NOW, note: [{ ...ref, value: "v", at: NOW }], forget: [ref, { ...ref, id: "gone" }] };
  expect(applyUnit(unit, records(job)).forgotten).toEqual([ref]);
  expect(applyUnit({ ...unit, remove: ["a"] }, records(job))).toMatchObject({ notes: [], forgotten: [] });
});

test("purge passes over a job that owes others the news of its end", () => {
  const owing = sampleJob({ id: "a", state: "done", finishedAt: NOW, links: 1 });
  expect(applyUnit({ now: NOW, purge: ["a"] }, records(owing)).outcome).toMatchObject({ removed: [] });
  expect(applyUnit({ now: NOW, remove: ["a"] }, records(owing)).outcome).toMatchObject({ removed: ["a"] });
});
