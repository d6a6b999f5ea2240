import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService, type ServiceOptions } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules } from "@jobq/service/cron";
import { createWorkflows } from "@jobq/service/workflow";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { mysql, postgres, sqlite } from "../../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../../adapters/sql-kysely/test/suites.ts";
import { caller } from "../rig.ts";
import { type Call, calls } from "./calls.ts";

/** What is said of what has no name of its own. */
const OF_THE_WHOLE = /^(requests\[\d+\]: )?(the body|the query|the number of tags|tag |a tag's name)/;

/** Sends nonsense to a server with everything over these stores. */
async function survives(stores: Pick<ServiceOptions, "jobs" | "topics">, numRuns: number): Promise<void> {
  const svc = createService(stores);
  onTestFinished(() => svc.close());
  const errors: unknown[] = [];
  svc.on("error", ({ error }) => void errors.push(error));
  const modules = { schedules: createSchedules(svc), workflows: createWorkflows(svc), bundles: createBundles(svc) };
  const call = caller(createServer(svc, { ...modules, timeouts: { wait: 1 } }));
  const ids = [await svc.enqueue("a", 1), await svc.enqueue("b", 2)];
  const isGood = async ({ route, path, body }: Call): Promise<void> => {
    const { status, body: said } = await call(route.method, path, body);
    const isWait = route.waits === true && said.error?.code === "timeout"; // as long as it was asked to
    if (status >= 500 && !isWait) throw new Error(`${status} ${JSON.stringify(said)}`);
    if (said?.error?.code !== "validation_failed") return;
    const { field, message } = said.error;
    if (!field && !OF_THE_WHOLE.test(message)) throw new Error(`no field of ${route.operation}: ${message}`);
  };
  await fc.assert(fc.asyncProperty(calls(ids), isGood), { numRuns, seed: 7 });
  expect(errors).toEqual([]);
}

describe("nothing that is sent is the server's own fault", () => {
  test("in memory", () => survives({ jobs: memoryJobs(), topics: memoryTopics() }, 3000), 120_000);

  test("LevelDB", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jobq-nonsense-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await survives({ jobs: levelJobs(folder), topics: levelTopics(folder) }, 1000);
  }, 120_000);
});

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, ({ connect, options }) => {
    test("nothing that is sent is the server's own fault", async () => {
      const kysely = connect();
      await survives({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) }, 1000);
    }, 120_000);
  });
}
