import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import { type JobId, JobqError, type QueueStore } from "@jobq/core";
import { expect, it } from "vitest";
import { migrate, sqlJobs, sqlTopics } from "../src/index.ts";
import { connectTo } from "./connect.ts";
import type { DatabaseKind, TestDatabase } from "./databases.ts";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";
import { describeOn } from "./suites.ts";

let server: PostgresServer | undefined;

/** A server of our own, which nobody else minds losing for a moment. */
const own: DatabaseKind = {
  name: "PostgreSQL of our own",
  async start(): Promise<TestDatabase> {
    const started = await startPostgres();
    server = started;
    const kysely = connectTo("postgres", started.url);
    await migrate(kysely);
    return {
      ...{ dialect: "postgres", options: {}, url: started.url, connect: () => kysely, clear: async () => {} },
      async stop() {
        await kysely.destroy();
        await started.stop();
      },
    };
  },
};

await describeOn(own, (database) => {
  it("a restart of the server loses nothing that was acknowledged, and work goes on after it", {
    timeout: 30_000,
  }, async () => {
    const kysely = database.connect();
    const store = sqlTopics(kysely).fuse?.(sqlJobs(kysely)) as QueueStore;
    const inserted: JobId[] = [];
    const done = new Set<JobId>();
    const failures = new Set<string>();
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) => {
        if (!(error instanceof JobqError)) throw error;
        failures.add(error.code);
      });
    };
    const round = async (number: number): Promise<void> => {
      await attempt(async () => {
        await store.commit([{ now: NOW, insert: [testJob(number)] }]);
        inserted.push(testId(number));
      });
      await attempt(async () => {
        const [jobs = []] = await store.reserve([{ topic: "topic", limit: 5, by: "me" }], NOW);
        await store.commit(jobs.map(({ id, token }) => ({ now: NOW, apply: [{ type: "done", id, token }] })));
        for (const { id } of jobs) done.add(id);
      });
    };
    let number = 0;
    for (; number < 50; number += 1) await round(number);
    let up = false;
    const restarted = server?.restart().then(() => {
      up = true;
    });
    while (!up) {
      await round(number++);
      await new Promise((resolve) => setImmediate(resolve)); // when every call fails at once
    }
    await restarted;
    for (const last = number + 50; number < last; number += 1) await round(number);
    expect([...failures].filter((code) => !["STORE_FAILED", "OUTCOME_UNKNOWN"].includes(code))).toEqual([]);
    expect(failures.size).toBeGreaterThan(0);
    const stored = await store.jobs.get(inserted);
    expect(stored.filter((job) => job === undefined)).toEqual([]);
    for (const job of await store.jobs.get([...done])) expect(job?.state).toBe("done");
    expect(inserted.at(-1)).toBe(testId(number - 1));
  });
});
