import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import type { Unit, UnitOutcome } from "@jobq/core";
import { type Kysely, sql } from "kysely";
import { beforeEach, expect, it } from "vitest";
import { sqlJobs } from "../src/index.ts";
import { mysql, postgres } from "./databases.ts";
import { describeOn } from "./suites.ts";

const codes = (outcomes: readonly UnitOutcome[]) => outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code));
const reserve = (number: number) => ({ type: "reserve", id: testId(number), by: "me" }) as const;
const done = (number: number): Unit => ({ now: NOW, apply: [{ type: "done", id: testId(number), token: 1 }] });
const log = (number: number): Unit => ({
  now: NOW,
  apply: [{ type: "extend", id: testId(number), token: 1 }],
  note: [{ id: testId(number), kind: "log", key: "1", value: "line", at: NOW }],
});
/** As large as one statement may just be. */
const end = (number: number): Unit => {
  const note = { id: testId(number), kind: "log", key: "1", value: "x".repeat(1_500_000), at: NOW };
  return { ...done(number), note: [note] };
};
/** A key of each test's own: InnoDB locks what is beside one that has just been let go of. */
let tests = 0;
const taken = (): string => `taken ${tests}`;

const insert = (number: number, more = {}): Unit => ({ now: NOW, insert: [testJob(number, more)] });

for (const kind of [postgres, mysql]) {
  await describeOn(kind, (database) => {
    const { schema } = database.options;
    const table = sql.table(schema ? `${schema}.jobq_jobs` : "jobq_jobs");
    const other = database.connect();
    const jobs = sqlJobs(database.connect(), database.options);
    beforeEach(async () => {
      tests += 1;
      await database.clear();
      const numbers = [1, 2, 3];
      await jobs.commit([
        { now: NOW, insert: numbers.map((number) => testJob(number)), apply: numbers.map((number) => reserve(number)) },
      ]);
    });

    /** Does the work while somebody's transaction has locked job 1, and holds the key "taken" by a job not yet there. */
    const whileLocked = (work: () => Promise<void>): Promise<void> =>
      other.transaction().execute(async (trx: Kysely<unknown>) => {
        await sql`select id from ${table} where id = ${testId(1)} for update`.execute(trx);
        await jobs.within(trx).commit([insert(9, { unique: taken() })]);
        await work();
      });

    it.each<[string, () => readonly Unit[], readonly string[]]>([
      ["one change", () => [done(1)], ["LOCKED"]],
      ["changes in sets", () => [done(1), done(2)], ["LOCKED", "ok"]],
      ["changes that take several statements", () => [3, 2, 1].map(end), ["ok", "ok", "LOCKED"]],
      ["changes and inserts", () => [insert(4), done(1), done(2), insert(5)], ["ok", "LOCKED", "ok", "ok"]],
      ["notes", () => [log(2), log(1), log(3)], ["ok", "LOCKED", "ok"]],
      ["later units on the same job", () => [log(2), log(1), done(1), done(2)], ["ok", "LOCKED", "LOCKED", "ok"]],
      [
        "units that share a job with a locked one",
        () => [
          { now: NOW, apply: [{ type: "extend", id: testId(2), token: 1, until: NOW + 5 }, ...(done(1).apply ?? [])] },
          log(2),
        ],
        ["LOCKED", "LOCKED"],
      ],
      ["a key that is taken", () => [insert(4, { unique: taken() })], ["LOCKED"]],
      [
        "a key that is taken among others",
        () => [
          insert(4, { unique: "a" }),
          insert(5, { unique: taken() }),
          insert(6),
          insert(7, { unique: "b" }),
          done(2),
        ],
        ["ok", "LOCKED", "ok", "ok", "ok"],
      ],
      ["an id that is taken", () => [insert(4), insert(9)], ["ok", "LOCKED"]],
      ["a job that is not there", () => [done(8), done(1)], ["JOB_NOT_FOUND", "LOCKED"]],
    ])("%s: those that meet a lock are refused as LOCKED, and the others stored", async (_, make, expected) => {
      const units = make();
      await whileLocked(async () => {
        const began = performance.now();
        const outcomes = await jobs.commit(units);
        expect(codes(outcomes)).toEqual(expected);
        expect(performance.now() - began).toBeLessThan(2_000);
        const before = await jobs.find({ limit: 20 });
        expect(before.find(({ id }) => id === testId(1))).toMatchObject({ state: "reserved" });
      });
      const locked = units.filter((_, index) => expected[index] === "LOCKED");
      expect(codes(await jobs.commit(locked))).not.toContain("LOCKED");
    });

    it("notes and tags beside those of jobs that a transaction removes are not waited for", async () => {
      const tagged = (number: number): Unit => insert(number, { tags: { number: `${number}` } });
      const noted = (number: number): Unit => ({ ...insert(number), note: log(number).note ?? [] });
      await jobs.commit([tagged(6), noted(7), tagged(8)]);
      const units = [noted(5), tagged(9), { now: NOW, remove: [testId(7)] }, insert(4)];
      const outcomes = await other.transaction().execute(async (trx) => {
        await jobs.within(trx).commit([{ now: NOW, remove: [6, 8].map(testId) }]);
        let isOver = false;
        const commit = jobs.commit(units);
        const over = commit.then(() => {
          isOver = true;
        });
        await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 2_000))]);
        expect(isOver).toBe(true);
        return commit;
      });
      const locked = units.filter((_, index) => codes(outcomes)[index] === "LOCKED");
      expect(codes(await jobs.commit(locked))).toEqual(locked.map(() => "ok"));
    });

    it("within a transaction of the user's a lock is waited for", async () => {
      const waiting = await other.transaction().execute(async (trx) => {
        await sql`select id from ${table} where id = ${testId(1)} for update`.execute(trx);
        const inside = database
          .connect()
          .transaction()
          .execute((own) => jobs.within(own).commit([done(1)]));
        await new Promise((resolve) => setTimeout(resolve, 50));
        return [inside] as const;
      });
      expect(codes(await waiting[0])).toEqual(["ok"]);
    });
  });
}
