import type { Timestamp, Topic } from "@jobq/core";

/** The rate at which a worker begins the jobs of a topic: at most `max` in any span as long as `perMs`. */
export interface RateInfo {
  readonly max: number;
  readonly perMs: number;
  /** The name under which others over the same store share it. */
  readonly key: string | undefined;

  /** When the next job may begin; undefined where one may now. */
  nextAt(): Promise<Timestamp | undefined>;
}

/** What a worker of this process runs. */
export interface HandlerInfo {
  readonly topics: ReadonlySet<Topic>;
  /** The names of its jobs. */
  readonly names: ReadonlySet<string> | "any";
  /** The names of those that are runs of workflows. */
  readonly runs: ReadonlySet<string>;
  /** The rates of topics that have one. */
  readonly rates?: ReadonlyMap<Topic, RateInfo> | undefined;
}
