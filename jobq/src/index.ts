export { memoryJobs } from "@jobq/job-memory";
export { memoryTopics } from "@jobq/pq-memory";
export {
  createService,
  type EnqueueOptions,
  JobqError,
  type JobqErrorCode,
  type JobRecord,
  type JobService,
  type ReservedJob,
  type ServiceOptions,
} from "@jobq/service";
export { constant, exponential, linear, NoRetry, RetryAfter } from "@jobq/service/retry";
export { createWorker, defineJob, type JobContext, type JobDefinition, type Worker } from "@jobq/service/worker";
