import { jobRepositorySuite, pairSuite, topicRepositorySuite } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import type { DatabaseKind } from "./databases.ts";
import { describeOn, harnessOf, runner } from "./suites.ts";

/** Runs the conformance kit over the repositories of one kind of database: each alone, and fused. */
export async function conformsOn(kind: DatabaseKind): Promise<void> {
  await describeOn(kind, (database) => {
    const { options } = database;
    jobRepositorySuite(
      runner,
      harnessOf("sqlJobs", database, (kysely) => sqlJobs(kysely, options)),
    );
    topicRepositorySuite(
      runner,
      harnessOf("sqlTopics", database, (kysely) => sqlTopics(kysely, options)),
    );
    pairSuite(
      runner,
      harnessOf(
        "sqlJobs with sqlTopics",
        database,
        (kysely) => sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options)) as QueueStore,
      ),
    );
  });
}
