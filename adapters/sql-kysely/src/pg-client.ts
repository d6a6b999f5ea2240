import { Kysely, PostgresDialect, type PostgresPoolClient } from "kysely";

/** A client of `pg`, in whatever transaction it is. */
export interface OwnPgClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/**
 * A Kysely instance over a client of `pg` that stays the caller's: what goes through it is part of the transaction
 * that the client is in. For `within`, where a program does not use Kysely itself.
 */
export function kyselyOverPgClient(client: OwnPgClient): Kysely<unknown> {
  const query = (text: string, values: readonly unknown[] = []) => client.query(text, [...values]);
  const only = { query: query as PostgresPoolClient["query"], release: () => undefined };
  return new Kysely({
    dialect: new PostgresDialect({ pool: { connect: async () => only, end: async () => undefined } }),
  });
}
