export { BundleClient, type ListBundlesOptions } from "./bundle-client.ts";
export { createClient, JobClient, type TypedRequest } from "./job-client.ts";
export type { EventsOptions } from "./read-events.ts";
export { RemoteJob } from "./remote-job.ts";
export { ScheduleClient, type ScheduleDetails, type ScheduleInfo } from "./schedule-client.ts";
export type { ClientOptions } from "./transport.ts";
export { type RemoteHistory, type RemoteStep, WorkflowClient } from "./workflow-client.ts";
