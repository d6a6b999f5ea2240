import { pairSuite } from "@jobq/conformance";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { sqlite } from "./databases.ts";
import { describeOn, harnessOf, runner } from "./suites.ts";

await describeOn(sqlite, (database) => {
  const { options } = database;
  pairSuite(
    runner,
    harnessOf("sqlJobs with memoryTopics", database, (kysely) => compose(sqlJobs(kysely, options), memoryTopics())),
  );
  pairSuite(
    runner,
    harnessOf("memoryJobs with sqlTopics", database, (kysely) => compose(memoryJobs(), sqlTopics(kysely, options))),
  );
  pairSuite(
    runner,
    harnessOf("sqlJobs with sqlTopics under another prefix", database, (kysely) =>
      compose(sqlJobs(kysely, options), sqlTopics(database.connect(), options)),
    ),
  );
});
