import { TEST_NOW as NOW, pairSuite, testJob } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { pooled } from "./pgbouncer.ts";
import { describeOn, harnessOf, runner } from "./suites.ts";

await describeOn(pooled, (database) => {
  const { options } = database;
  pairSuite(
    runner,
    harnessOf(
      "sqlJobs with sqlTopics",
      database,
      (kysely) => sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options)) as QueueStore,
    ),
  );

  it("hints are heard when only the listening connection goes to the server itself", async () => {
    const listen = { connectionString: database.url ?? "" };
    const [here, there] = [database.connect(), database.connect()].map(
      (kysely) => sqlTopics(kysely, { ...options, listen }).fuse?.(sqlJobs(kysely, options)) as QueueStore,
    ) as [QueueStore, QueueStore];
    const heard = new Promise<string>((resolve) => {
      there.topics.onPush?.(resolve);
    });
    // The first may go out before anybody listens: hints are only that.
    for (let number = 1, topic: string | undefined; topic === undefined; number += 1) {
      await here.commit([{ now: NOW, insert: [testJob(number, { topic: "pushed" })] }]);
      topic = await Promise.race([heard, here.jobs.find({ limit: 1 }).then(() => undefined)]);
    }
    expect(await heard).toBe("pushed");
    await there.topics.close();
  });
});
