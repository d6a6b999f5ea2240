import { jobRepositorySuite } from "@jobq/conformance";
import { sqlJobs } from "../src/index.ts";
import { postgres } from "./databases.ts";
import { describeOn, harnessOf, runner } from "./suites.ts";

await describeOn(postgres, (database) => {
  jobRepositorySuite(
    runner,
    harnessOf("sqlJobs", database, (kysely) => sqlJobs(kysely, database.options)),
  );
});
