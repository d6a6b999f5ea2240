import { pairSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { pairCommitMutants } from "./mutants/pair-commit-mutants.ts";
import { pairJobMutants } from "./mutants/pair-job-mutants.ts";
import { pairHarness } from "./reference/harness.ts";

provesKit(pairSets.jobs, pairHarness, {
  ...pairCommitMutants,
  ...pairJobMutants,
});
