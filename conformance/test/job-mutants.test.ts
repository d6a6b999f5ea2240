import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobChangeMutants } from "./mutants/job-change-mutants.ts";
import { jobCommitMutants } from "./mutants/job-commit-mutants.ts";
import { jobDataMutants } from "./mutants/job-data-mutants.ts";
import { jobKeepMutants } from "./mutants/job-keep-mutants.ts";
import { jobReadMutants } from "./mutants/job-read-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.rest, jobHarness, {
  ...jobChangeMutants,
  ...jobCommitMutants,
  ...jobDataMutants,
  ...jobKeepMutants,
  ...jobReadMutants,
});
