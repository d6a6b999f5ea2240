export { type MemoryJobsOptions, memoryJobs } from "./memory-jobs.ts";
