import { jobSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { jobDamageMutants } from "./mutants/job-damage-mutants.ts";
import { jobHarness } from "./reference/harness.ts";

provesKit(jobSets.damage, jobHarness, jobDamageMutants);
