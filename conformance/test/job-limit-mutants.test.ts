import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobEndMutants } from "./mutants/job-end-mutants.ts";
import { jobLimitMutants } from "./mutants/job-limit-mutants.ts";
import { jobMemoryMutants } from "./mutants/job-memory-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.limits, jobHarness, {
  ...jobEndMutants,
  ...jobLimitMutants,
  ...jobMemoryMutants,
});
