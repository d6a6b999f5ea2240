export {
  type Case,
  type CaseContext,
  type Conforming,
  type Harness,
  type Opened,
  type OpenTransaction,
  type Runner,
  runCase,
} from "./case.ts";
export { Fault } from "./check.ts";
export { jobRepositoryCases, jobRepositorySuite } from "./job/suite.ts";
export { expectedTrace } from "./pair/expected-trace.ts";
export { tracePair } from "./pair/script.ts";
export { pairCases, pairSuite } from "./pair/suite.ts";
export { headOf, TEST_NOW, testId, testJob, testJobs } from "./test-job.ts";
export { topicRepositoryCases, topicRepositorySuite } from "./topic/suite.ts";
