import { simulateMany } from "@jobq/conformance/simulator";
import { expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { mysql, pglite, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

/** A history is some hundred calls, each audited: long over a server, so that few are played with every run. */
const SEEDS = process.env.JOBQ_TEST_LONG === "1" ? 300 : 12;

for (const kind of [sqlite, postgres, pglite, mysql]) {
  await describeOn(kind, (database) => {
    it("every promise holds, whichever process dies and whichever call fails", {
      timeout: SEEDS * 20_000,
    }, async () => {
      const kysely = database.connect();
      const open = async () => {
        await database.clear();
        const connect = () => ({
          jobs: sqlJobs(kysely, database.options),
          topics: sqlTopics(kysely, database.options),
        });
        return { processes: 2, connect };
      };
      const seeds = Array.from({ length: SEEDS }, (_, index) => 20_001 + index);
      expect(await simulateMany({ seeds, open })).toHaveLength(SEEDS);
    });
  });
}
