import { createService, type JobService } from "@jobq/service";
import { createSchedules, every } from "@jobq/service/cron";
import { Kysely, sql } from "kysely";
import { beforeEach, expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { mysql, postgres } from "./databases.ts";
import { describeOn } from "./suites.ts";

/** What is watched: as long as a poll takes at the longest, and far fewer statements than a loop without pauses makes. */
const WATCHED_MS = 1_000;
const MAX_STATEMENTS = 400;

const held = async (svc: JobService, topic = "topic") => {
  const [job] = await svc.reserve(topic, 1, { wait: "20s" });
  if (!job) throw new Error("there is no job");
  return job;
};

/** What there is before everything is locked; returns what is asked for then. */
const SITUATIONS: readonly (readonly [string, (svc: JobService) => Promise<() => unknown>])[] = [
  [
    "a job that is due",
    async (svc) => {
      await svc.enqueue("topic", 1, { delay: 50 });
      return () => undefined;
    },
  ],
  [
    "a job whose lease has ended",
    async (svc) => {
      await svc.enqueue("topic", 1, { timeout: 50 });
      await held(svc);
      return () => undefined;
    },
  ],
  [
    "a ready job",
    async (svc) => {
      await svc.enqueue("topic", 1);
      return () => undefined;
    },
  ],
  [
    "a job that another waits for, and that one",
    async (svc) => {
      const first = await svc.enqueue("first", 1);
      await svc.enqueue("topic", 2, { after: [first] });
      const job = await held(svc, "first");
      return () => job.done();
    },
  ],
  [
    "the holder of a limit's slot, and who waits for one",
    async (svc) => {
      const limit = { key: "key", concurrency: 1 };
      await svc.enqueue("first", 1, { limit });
      await svc.enqueue("topic", 2, { limit });
      const job = await held(svc, "first");
      return () => job.done();
    },
  ],
  [
    "a job that was kept long enough",
    async (svc) => {
      await svc.enqueue("first", 1);
      await (await held(svc, "first")).done();
      return () => svc.purge({ state: "done" });
    },
  ],
  [
    "the job of a schedule",
    async (svc) => {
      const schedules = createSchedules(svc);
      await schedules.set("often", every("1s"), { topic: "topic", payload: 1 });
      await schedules.start();
      return () => undefined;
    },
  ],
];

for (const kind of [postgres, mysql]) {
  await describeOn(kind, (database) => {
    beforeEach(() => database.clear());

    /** The statements of a service with a call that waits, while `during` goes on. */
    const watched = async (
      prepare: (svc: JobService) => Promise<() => unknown>,
      during: (work: () => Promise<void>) => Promise<void>,
    ): Promise<number> => {
      let statements = 0;
      const kysely = new Kysely<unknown>({
        dialect: dialectFor(database.dialect, database.url ?? ""),
        log: () => {
          statements += 1;
        },
      });
      const { options } = database;
      const jobs = sqlJobs(kysely, options);
      const svc = createService({ jobs, topics: sqlTopics(kysely, options), keep: { done: "1s" } });
      const act = await prepare(svc);
      await during(async () => {
        void Promise.resolve(act()).catch(() => {});
        svc.reserve("topic", 1, { wait: "1m" }).catch(() => {});
        statements = 0;
        await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
      });
      const counted = statements;
      await svc.close({ deadline: 0 });
      await jobs.close(); // waits for what is under way, however long
      await kysely.destroy();
      return counted;
    };

    it.each(SITUATIONS)("while %s is locked, a waiting call costs few statements a second", async (_, prepare) => {
      const other = database.connect();
      const { schema } = database.options;
      const table = sql.table(schema ? `${schema}.jobq_jobs` : "jobq_jobs");
      const statements = await watched(prepare, (work) =>
        other.connection().execute(async (connection) => {
          await sql`begin`.execute(connection);
          await sql`select id from ${table} for update`.execute(connection);
          await work();
          await sql`rollback`.execute(connection);
        }),
      );
      expect(statements).toBeLessThan(MAX_STATEMENTS);
    });

    it("while a topic is paused, a waiting call costs few statements a second", async () => {
      const prepare = async (svc: JobService) => {
        await svc.enqueue("topic", 1);
        await svc.pause("topic");
        return () => undefined;
      };
      expect(await watched(prepare, (work) => work())).toBeLessThan(MAX_STATEMENTS);
    });

    it("while every job is refused as one that cannot be read, a waiting call costs few statements a second", async () => {
      const prepare = async (svc: JobService) => {
        await svc.enqueue("topic", 1);
        await svc.enqueue("topic", 2);
        const { schema } = database.options;
        const table = sql.table(schema ? `${schema}.jobq_jobs` : "jobq_jobs");
        await sql`update ${table} set payload = 'no JSON'`.execute(database.connect());
        return () => undefined;
      };
      expect(await watched(prepare, (work) => work())).toBeLessThan(MAX_STATEMENTS);
    });
  });
}
