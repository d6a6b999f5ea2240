import type { Clock, JobRepository, TopicRepository } from "@jobq/core";
import type { ServiceOptions } from "../module.ts";
import type { WorkerOptions } from "../worker/index.ts";

/** What a test service is made of. */
export interface TestServiceOptions extends Omit<WorkerOptions, "topics"> {
  /** Makes its repositories, on its clock: `{ jobs: memoryJobs, topics: memoryTopics }`. */
  readonly stores: {
    readonly jobs: (options: { readonly clock: Clock }) => JobRepository;
    readonly topics: () => TopicRepository;
  };
  /** The topics that `drain` and `advance` work on; by default those of its jobs. */
  readonly topics?: WorkerOptions["topics"];
  /** When it begins; an instant in 2026. */
  readonly now?: Date | number | undefined;
  /** What else the service is to have. */
  readonly service?: Omit<ServiceOptions, "jobs" | "topics"> | undefined;
}
