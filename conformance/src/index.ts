export {
  type Case,
  type CaseContext,
  type Conforming,
  type Fact,
  type Harness,
  type Opened,
  type OpenTransaction,
  type Runner,
  runCase,
  type StoreKind,
} from "./case.ts";
export { Fault } from "./check.ts";
export type { CrashHarness, MortalStore } from "./crash/crash-harness.ts";
export { type Deed, type Story, stories } from "./crash/stories.ts";
export { crashSuite, killAtEach } from "./crash/suite.ts";
export { jobRepositoryCases, jobRepositorySuite } from "./job/suite.ts";
export { expectedTrace } from "./pair/expected-trace.ts";
export { tracePair } from "./pair/script.ts";
export { pairCases, pairSuite } from "./pair/suite.ts";
export { headOf, TEST_NOW, testId, testJob, testJobs } from "./test-job.ts";
export { topicRepositoryCases, topicRepositorySuite } from "./topic/suite.ts";
export { type FailAt, type Fate, WriteFaults } from "./write-faults.ts";
