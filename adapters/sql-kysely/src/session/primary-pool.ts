import { JobqError, wrongType } from "@jobq/core";
import { checkDriver } from "./check-driver.ts";
import { guard } from "./guarded-pool.ts";
import type { PgClient, PgPool } from "./prepared-pool.ts";

/**
 * Combines several `pg` pools, one per host of a PostgreSQL with standbys. It connects to the host that is the primary,
 * and tries the last primary first. Pass it to `preparedPool`, which drops connections that were cut off or whose
 * server has become a standby. Give each pool a `connectionTimeoutMillis` and a `query_timeout`; otherwise a call may
 * wait very long for a silent host.
 * @throws {TypeError} no pool
 */
export function primaryPool(pools: readonly PgPool[]): PgPool {
  if (!Array.isArray(pools) || pools.length === 0) throw wrongType("pools", "an array of at least one pool", pools);
  for (const pool of pools) checkDriver(pool, "connect", "a pool", "one of pg");
  const known = new WeakSet<PgClient>();
  let last = 0;
  for (const pool of pools) pool.on?.("error", () => {}); // of idle clients, which tell themselves as well
  return {
    async connect() {
      const first = last;
      let failure: unknown = new JobqError("STORE_FAILED", "none of the hosts is a primary");
      for (const tried of pools.keys()) {
        const index = (first + tried) % pools.length;
        try {
          const client = await primaryOf(pools[index] as PgPool, known);
          if (!client) continue;
          last = index;
          return client;
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    async end() {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

/** A client of the pool, unless it leads to a standby. */
async function primaryOf(pool: PgPool, known: WeakSet<PgClient>): Promise<PgClient | undefined> {
  const client = await pool.connect();
  if (known.has(client)) return client;
  guard(client);
  try {
    const { rows } = (await client.query("select pg_is_in_recovery() as standby")) as { rows: { standby: boolean }[] };
    if (rows[0]?.standby === false) {
      known.add(client);
      return client;
    }
  } catch (error) {
    client.release(true);
    throw error;
  }
  client.release(true);
  return undefined;
}
