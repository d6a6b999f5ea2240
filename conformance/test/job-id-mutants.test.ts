import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobIdMutants } from "./mutants/job-id-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.ids, jobHarness, jobIdMutants);
