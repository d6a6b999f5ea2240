import { compose } from "@jobq/service";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { describe, expect, it } from "vitest";
import { mysql, postgres, type TestDatabase } from "../../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../../adapters/sql-kysely/test/suites.ts";
import { OPEN, type Stores } from "../cron/schedule-stores.ts";
import { GOOD, mortalRun } from "./mortal-run.ts";

type Open = Parameters<typeof mortalRun>[0];

/** Two of every `stride` writes are a death's: each of them where that is 2, since after one is before the next. */
function dies(open: Open, stride: number): void {
  it("a run that dies before or after any write ends as an undisturbed one, and no finished step runs again", async () => {
    let deaths = 0;
    for (let write = 0; ; write += stride) {
      const both = [];
      for (const when of ["before", "after"] as const) {
        both.push(await mortalRun(open, { death: { write, when }, signalAt: 5 }));
      }
      for (const { outcome, ran } of both) {
        expect([write, outcome]).toEqual([write, GOOD]);
        for (const times of Object.values(ran)) expect(times).toBeLessThanOrEqual(2);
      }
      deaths += both.filter(({ diedOf }) => diedOf).length;
      if (both.every(({ diedOf }) => !diedOf)) break;
    }
    expect(deaths).toBeGreaterThan(3);
  });

  it("a signal that comes at any write is consumed, once", async () => {
    const { writes } = await mortalRun(open, { signalAt: 9999 });
    for (let signalAt = 0; signalAt <= writes; signalAt += 2 * stride) {
      const { outcome, ran } = await mortalRun(open, { signalAt });
      expect([signalAt, outcome, ran]).toEqual([signalAt, GOOD, { a: 1, z: 1 }]);
    }
  });
}

describe.each([
  ["memory, fused", 2],
  ["memory, composed", 7],
  ["LevelDB, fused", 9],
  ["SQLite, fused", 17],
])("over %s", (pair, stride) => {
  dies(OPEN[pair] as Open, stride);
});

/** An empty database, by a connection of its own that is closed with the stores. */
async function emptied(database: TestDatabase): Promise<Stores> {
  await database.clear();
  const kysely = database.connect();
  const [jobs, topics] = [sqlJobs(kysely, database.options), sqlTopics(kysely, database.options)];
  const close = async (): Promise<void> => {
    await Promise.all([jobs.close(), topics.close()]);
    await kysely.destroy();
  };
  return { jobs, topics, fused: compose(jobs, topics), close };
}

for (const kind of [postgres, mysql]) await describeOn(kind, (database) => dies(() => emptied(database), 31));
