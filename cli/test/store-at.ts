import type { TestDatabase } from "../../adapters/sql-kysely/test/databases.ts";

/** Where the command line finds a database, with tables of their own prefix. */
export function storeAt({ url = "", options: { schema } }: TestDatabase, prefix: string): string {
  const address = new URL(url);
  if (schema !== undefined) address.searchParams.set("schema", schema);
  address.searchParams.set("prefix", prefix);
  return address.href;
}
