export { type Codec, jsonCodec } from "./codec.ts";
export { compose } from "./compose.ts";
export type { ErrorEvent, EventMap, JobEvent, JobEventType, Listener, ServiceEvent } from "./events.ts";
export {
  type ExportOptions,
  exportJobs,
  type ImportOptions,
  type ImportReport,
  importJobs,
  type TransferProgress,
} from "./export-jobs.ts";
export type { FindOptions, PurgeOptions } from "./job-query.ts";
export type { EnqueueOptions, JobDefaults } from "./job-request.ts";
export { createService, JobService } from "./job-service.ts";
export type { Report } from "./pair.ts";
export { ReservedJob, type RetryOptions } from "./reserved-job.ts";
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
export type { WriteOptions } from "./within.ts";
