import { topicRepositoryCases } from "../src/index.ts";
import { provesKit } from "./kills.ts";
import { topicFailureMutants } from "./mutants/topic-failure-mutants.ts";
import { topicLimitMutants } from "./mutants/topic-limit-mutants.ts";
import { topicMemoryMutants } from "./mutants/topic-memory-mutants.ts";
import { topicPushMutants } from "./mutants/topic-push-mutants.ts";
import { topicStateMutants } from "./mutants/topic-state-mutants.ts";
import { topicHarness } from "./reference/harness.ts";

provesKit(topicRepositoryCases, topicHarness, {
  ...topicPushMutants,
  ...topicStateMutants,
  ...topicMemoryMutants,
  ...topicLimitMutants,
  ...topicFailureMutants,
});
