export { JobqError, type JobqErrorCode, type JobqErrorDetails } from "@jobq/core";
export type { Attempt } from "./attempts.ts";
export { createService } from "./create-service.ts";
export type { EnqueueCall, EnqueueMiddleware } from "./enqueue/wrapped-enqueuer.ts";
export type {
  EventMap,
  JobEvent,
  JobEventType,
  Listener,
  ModuleEvent,
  ModuleEventType,
  ServiceErrorEvent,
  ServiceEvent,
} from "./events/events.ts";
export type { EventsOptions } from "./events/everywhere-stream.ts";
export type { AfterOption } from "./input/after-option.ts";
export type { AttemptError } from "./input/attempt-error.ts";
export { type Codec, jsonCodec } from "./input/codec.ts";
export type { EnqueueOptions } from "./input/enqueue-options.ts";
export type { JobDefaults } from "./input/job-defaults.ts";
export type { DefinedRequest, EnqueueDefinition } from "./input/job-definition.ts";
export type { FindOptions, PurgeOptions } from "./input/job-query.ts";
export { PRIORITIES, type Priority } from "./input/priority.ts";
export type { ReserveOptions } from "./input/reserve-request.ts";
export type { UniqueOption } from "./input/unique-option.ts";
export type { JobEnding } from "./job-ending.ts";
export { JobService } from "./job-service.ts";
export type { Explanation, NotRunning, OtherJob, RunWaitsFor } from "./operating/explanation.ts";
export type { LimitsOptions, LimitUsage } from "./operating/limit-usage.ts";
export type {
  CancelManyOptions,
  CancelManyQuery,
  ManyOptions,
  ManyQuery,
  ResetManyQuery,
} from "./operating/many-options.ts";
export type { Operations } from "./operating/operations.ts";
export type { Report } from "./report.ts";
export { ReservedJob } from "./reserve/reserved-job.ts";
export type { RetryOptions } from "./reserve/retry-options.ts";
export type {
  EnqueueArguments,
  EnqueueReceipt,
  EnqueueRequest,
  JobRecord,
  LogLine,
  RequestBy,
  ServiceOptions,
  TopicMap,
  TopicName,
} from "./service-options.ts";
export { type ComposeOptions, compose } from "./store/compose.ts";
export type { WriteOptions } from "./store/within.ts";
