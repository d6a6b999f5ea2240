import { wrongType } from "@jobq/core";
import { Kysely, MysqlDialect, type MysqlPoolConnection, PostgresDialect, type PostgresPoolClient } from "kysely";

/** A client of `pg`, or an object with the same method. */
export interface OwnPgClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** A connection of `mysql2` with callbacks; a connection of `mysql2/promise` has it as its member `connection`. */
export interface OwnMysqlConnection {
  query(text: string, values: unknown[], answered: (error: unknown, rows: unknown) => void): unknown;
}

/** The connections that were said to be in a transaction. */
const own = new WeakSet<object>();

/**
 * Returns a client, on which you have run `begin`, as a transaction for `within`, in programs that do not use Kysely.
 * You commit it or roll it back.
 * @throws {TypeError} not a client, or a pool, whose queries may each use another connection
 */
export function overPgClient(client: OwnPgClient): Kysely<unknown> {
  checkConnection(client, "a client of pg", { totalCount: "a pool" });
  const query = (text: string, values: readonly unknown[] = []) => client.query(text, [...values]);
  const only = { query: query as PostgresPoolClient["query"], release: () => undefined };
  return known(new PostgresDialect({ pool: { connect: async () => only, end: async () => undefined } }));
}

/**
 * Does the same as {@link overPgClient} for a connection of `mysql2`.
 * @throws {TypeError} not a connection, a pool, or the connection of `mysql2/promise` itself, which takes no callbacks
 */
export function overMysqlConnection(connection: OwnMysqlConnection): Kysely<unknown> {
  checkConnection(connection, "a connection of mysql2", {
    getConnection: "a pool",
    connection: "one of mysql2/promise: pass its `connection`",
  });
  const query = connection.query.bind(connection) as unknown as MysqlPoolConnection["query"];
  const only = { query, release: () => undefined };
  return known(
    new MysqlDialect({ pool: { getConnection: (got) => got(undefined, only), end: (ended) => ended(undefined) } }),
  );
}

/** @param others what others that have a `query` too are known by, and what they are */
function checkConnection(given: unknown, what: string, others: Readonly<Record<string, string>>): void {
  const isObject = typeof given === "object" && given !== null;
  if (!isObject || typeof (given as Partial<OwnPgClient>).query !== "function")
    throw wrongType("the client", what, given);
  const other = Object.keys(others).find((name) => name in given);
  if (other !== undefined) throw new TypeError(`the client must be ${what}, got ${others[other]}`);
}

function known(dialect: PostgresDialect | MysqlDialect): Kysely<unknown> {
  const kysely = new Kysely<unknown>({ dialect });
  own.add(kysely);
  return kysely;
}

/**
 * The transaction as Kysely knows it.
 * @throws {TypeError} not one of Kysely's, nor of the above
 */
export function checkTransaction(transaction: object): Kysely<unknown> {
  if (own.has(transaction) || (transaction as Partial<Kysely<unknown>>)?.isTransaction === true) {
    return transaction as Kysely<unknown>;
  }
  throw wrongType("within", "a transaction of Kysely, or what overPgClient returns for a client of pg", transaction);
}
