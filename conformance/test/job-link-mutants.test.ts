import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobGroupMutants } from "./mutants/job-group-mutants.ts";
import { jobLinkMutants } from "./mutants/job-link-mutants.ts";
import { jobNoteMutants } from "./mutants/job-note-mutants.ts";
import { jobSlotMutants } from "./mutants/job-slot-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.links, jobHarness, {
  ...jobGroupMutants,
  ...jobLinkMutants,
  ...jobNoteMutants,
  ...jobSlotMutants,
});
