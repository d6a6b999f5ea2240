import { pairSets } from "./case-sets.ts";
import { provesKit } from "./kills.ts";
import { pairInstantMutants } from "./mutants/pair-direct-mutants.ts";
import { pairEntryMutants } from "./mutants/pair-entry-mutants.ts";
import { pairFailureMutants } from "./mutants/pair-failure-mutants.ts";
import { pairHandleMutants } from "./mutants/pair-handle-mutants.ts";
import { pairLimitMutants } from "./mutants/pair-limit-mutants.ts";
import { pairLinkMutants } from "./mutants/pair-link-mutants.ts";
import { pairLockMutants } from "./mutants/pair-lock-mutants.ts";
import { pairTimeMutants } from "./mutants/pair-time-mutants.ts";
import { pairWithinMutants } from "./mutants/pair-within-mutants.ts";
import { pairHarness } from "./reference/harness.ts";

provesKit(pairSets.rest, pairHarness, {
  ...pairInstantMutants,
  ...pairEntryMutants,
  ...pairFailureMutants,
  ...pairHandleMutants,
  ...pairLimitMutants,
  ...pairLinkMutants,
  ...pairLockMutants,
  ...pairTimeMutants,
  ...pairWithinMutants,
});
