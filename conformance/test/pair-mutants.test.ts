import { pairCases } from "../src/index.ts";
import { provesKit } from "./kills.ts";
import { pairEntryMutants } from "./mutants/pair-entry-mutants.ts";
import { pairInstantMutants } from "./mutants/pair-instant-mutants.ts";
import { pairTimeMutants } from "./mutants/pair-time-mutants.ts";
import { pairWithinMutants } from "./mutants/pair-within-mutants.ts";
import { pairHarness } from "./reference/harness.ts";

provesKit(pairCases, pairHarness, {
  ...pairEntryMutants,
  ...pairTimeMutants,
  ...pairWithinMutants,
  ...pairInstantMutants,
});
