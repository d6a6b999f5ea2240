import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobFailureMutants } from "./mutants/job-failure-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.failures, jobHarness, jobFailureMutants);
