import type { PostgresPoolClient } from "kysely";
import { failureKind } from "./failure.ts";

/** Read-only: the server has become a standby, or the connection leads to one. */
const READ_ONLY = "25006";

/** A client of `pg`, as far as its way back to the pool needs to know it. */
interface Releasable {
  release(destroy?: boolean): void;
}

/**
 * The client with `query` in place of its own, which does not go back to its pool once it is of no use: the connection
 * broke, was silent for longer than the pool's `query_timeout`, or cannot be written by any more.
 */
export function discardedWhenSpent(
  client: Releasable,
  query: (text: unknown, values?: readonly unknown[]) => unknown,
): PostgresPoolClient {
  let isSpent = false;
  const watched = (text: unknown, values?: readonly unknown[]): unknown => {
    const sent = query(text, values);
    if (sent instanceof Promise) {
      sent.catch((error: unknown) => {
        isSpent ||= failureKind(error) === "broken" || (error as { code?: unknown }).code === READ_ONLY;
      });
    }
    return sent;
  };
  return {
    query: watched as PostgresPoolClient["query"],
    release: () => (isSpent ? client.release(true) : client.release()),
  };
}
