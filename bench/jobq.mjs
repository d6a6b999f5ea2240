// What the bench measures of jobq, bundled as an application would bundle it.
export { newId } from "@jobq/core";
export { levelJobs } from "@jobq/job-level";
export { memoryJobs } from "@jobq/job-memory";
export { levelTopics } from "@jobq/pq-level";
export { memoryTopics } from "@jobq/pq-memory";
export { createServer } from "@jobq/server";
export { createService } from "@jobq/service";
export { createBundles } from "@jobq/service/bundle";
export { constant } from "@jobq/service/retry";
export { createWorker, defineJob } from "@jobq/service/worker";
export { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
export { migrate, preparedDatabase, preparedPool, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
