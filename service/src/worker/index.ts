export { defineJob, type JobDefinition, type JobDefinitionOptions, type RetryDecision } from "./define-job.ts";
export type { JobContext } from "./job-context.ts";
export type { SchemaResult, StandardSchema } from "./standard-schema.ts";
export { SUSPENDED } from "./suspended.ts";
export { createWorker, Worker } from "./worker.ts";
export type { RunMiddleware, TopicOptions, WorkerHooks, WorkerOptions } from "./worker-options.ts";
