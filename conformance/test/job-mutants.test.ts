import { jobRepositoryCases } from "../src/index.ts";
import { provesKit } from "./kills.ts";
import { jobChangeMutants } from "./mutants/job-change-mutants.ts";
import { jobClockMutants } from "./mutants/job-clock-mutants.ts";
import { jobCommitMutants } from "./mutants/job-commit-mutants.ts";
import { jobDataMutants } from "./mutants/job-data-mutants.ts";
import { jobEndMutants } from "./mutants/job-end-mutants.ts";
import { jobKeepMutants } from "./mutants/job-keep-mutants.ts";
import { jobLimitMutants } from "./mutants/job-limit-mutants.ts";
import { jobMemoryMutants } from "./mutants/job-memory-mutants.ts";
import { jobReadMutants } from "./mutants/job-read-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobRepositoryCases, jobHarness, {
  ...jobClockMutants,
  ...jobCommitMutants,
  ...jobChangeMutants,
  ...jobKeepMutants,
  ...jobReadMutants,
  ...jobDataMutants,
  ...jobMemoryMutants,
  ...jobLimitMutants,
  ...jobEndMutants,
});
