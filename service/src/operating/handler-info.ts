import type { Topic } from "@jobq/core";

/** What a worker of this process runs. */
export interface HandlerInfo {
  readonly topics: ReadonlySet<Topic>;
  /** The names of its jobs. */
  readonly names: ReadonlySet<string> | "any";
  /** The names of those that are runs of workflows. */
  readonly runs: ReadonlySet<string>;
}
