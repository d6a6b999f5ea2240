import type { Clock } from "@jobq/core";
import type { ListenOptions } from "./hints/hints.ts";
import type { SqlLayoutOptions } from "./schema/layout.ts";
import type { Durability } from "./session/sqlite-setup.ts";

/** The options of `sqlTopics`. */
export interface SqlTopicsOptions extends SqlLayoutOptions {
  /** As for the jobs; ignored if they share the tables. */
  readonly durability?: Durability;
  /**
   * PostgreSQL only: notifies other processes of jobs that become ready here, and listens for those that become ready
   * there. Without it, the process polls.
   */
  readonly listen?: ListenOptions | undefined;
  /** The local clock by which notifications are timed; that of the process. */
  readonly clock?: Clock;
}
