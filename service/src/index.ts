export type { EventMap, JobEvent, JobEventType, Listener, ServiceErrorEvent, ServiceEvent } from "./events/events.ts";
export {
  type ExportOptions,
  exportJobs,
  type ImportOptions,
  type ImportReport,
  importJobs,
  type TransferProgress,
} from "./export-jobs.ts";
export { type Codec, jsonCodec } from "./input/codec.ts";
export type { FindOptions, PurgeOptions } from "./input/job-query.ts";
export type { EnqueueOptions, JobDefaults } from "./input/job-request.ts";
export { createService, JobService } from "./job-service.ts";
export { ReservedJob, type RetryOptions } from "./reserve/reserved-job.ts";
export type {
  EnqueueArguments,
  EnqueueReceipt,
  EnqueueRequest,
  JobEnding,
  JobRecord,
  LogLine,
  ReserveOptions,
  ServiceOptions,
  TopicMap,
  TopicName,
} from "./service-options.ts";
export { collectStats, type EventSource, type TopicStats } from "./stats.ts";
export { type ComposeOptions, compose } from "./store/compose.ts";
export type { Report } from "./store/pair.ts";
export type { WriteOptions } from "./store/within.ts";
