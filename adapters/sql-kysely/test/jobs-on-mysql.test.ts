import { jobRepositorySuite } from "@jobq/conformance";
import { sqlJobs } from "../src/index.ts";
import { mysql } from "./databases.ts";
import { describeOn, harnessOf, runner } from "./suites.ts";

await describeOn(mysql, (database) => {
  jobRepositorySuite(
    runner,
    harnessOf("sqlJobs", database, (kysely) => sqlJobs(kysely, database.options)),
  );
});
