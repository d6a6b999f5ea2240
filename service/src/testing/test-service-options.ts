import type { Clock, JobRepository, TopicRepository } from "@jobq/core";
import type { ServiceOptions } from "../module.ts";
import type { WorkerOptions } from "../worker/index.ts";

/** The options of `createTestService`, besides those of `createWorker`. */
export interface TestServiceOptions extends Omit<WorkerOptions, "topics"> {
  /** Creates the repositories on the test's clock: `{ jobs: memoryJobs, topics: memoryTopics }`. */
  readonly stores: {
    readonly jobs: (options: { readonly clock: Clock }) => JobRepository;
    readonly topics: () => TopicRepository;
  };
  /** The topics that `drain` and `advance` work on; by default those of its jobs. */
  readonly topics?: WorkerOptions["topics"];
  /** The time at which the test begins; 2026-01-01T00:00:00Z. */
  readonly now?: Date | number | undefined;
  /** Further options of the service. */
  readonly service?: Omit<ServiceOptions, "jobs" | "topics"> | undefined;
}
