import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobClockMutants } from "./mutants/job-clock-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.clock, jobHarness, {
  ...jobClockMutants,
});
