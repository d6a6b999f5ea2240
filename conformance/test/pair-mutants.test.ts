import { pairCases } from "../src/index.ts";
import { provesKit } from "./kills.ts";
import { pairInstantMutants } from "./mutants/pair-direct-mutants.ts";
import { pairEntryMutants } from "./mutants/pair-entry-mutants.ts";
import { pairHandleMutants } from "./mutants/pair-handle-mutants.ts";
import { pairJobMutants } from "./mutants/pair-job-mutants.ts";
import { pairLimitMutants } from "./mutants/pair-limit-mutants.ts";
import { pairTimeMutants } from "./mutants/pair-time-mutants.ts";
import { pairWithinMutants } from "./mutants/pair-within-mutants.ts";
import { pairHarness } from "./reference/harness.ts";

provesKit(pairCases, pairHarness, {
  ...pairEntryMutants,
  ...pairTimeMutants,
  ...pairHandleMutants,
  ...pairLimitMutants,
  ...pairJobMutants,
  ...pairWithinMutants,
  ...pairInstantMutants,
});
