import { nearestName } from "@jobq/core";
import { UsageError } from "../failure.ts";

/** The parameters of jobq's own that the address of a SQL store takes. */
export const OWN_PARAMETERS = ["schema", "prefix"] as const;

/** What `pg` reads, what libpq documents beside it, and what poolers are told in the same address. */
const POSTGRES = `host hostaddr port dbname database user password passfile options replication binary encoding
  application_name fallback_application_name client_encoding connect_timeout connectionTimeoutMillis keepAlive
  keepAliveInitialDelayMillis keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout
  statement_timeout lock_timeout idle_in_transaction_session_timeout query_timeout target_session_attrs
  load_balance_hosts ssl sslmode sslnegotiation sslcompression sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl
  sslcrldir sslsni ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version
  uselibpqcompat enableChannelBinding channel_binding scramMaxIterations require_auth requirepeer requiressl service
  gssencmode gsslib gssdelegation krbsrvname pipeline pgbouncer connection_limit pool_timeout socket_timeout
  statement_cache_size`.split(/\s+/);

/** What `mysql2` reads. */
const MYSQL = `host port user password password1 password2 password3 passwordSha1 database authPlugins charset
  charsetNumber compress connectAttributes connectTimeout connectionLimit dateStrings debug decimalNumbers disableEval
  bigNumberStrings supportBigNumbers enableCleartextPlugin enableKeepAlive keepAliveInitialDelay flags gracefulEnd
  idleTimeout insecureAuth jsonStrings localAddress maxIdle maxPreparedStatements multipleStatements namedPlaceholders
  nestTables queueLimit resetOnRelease rowsAsArray socketPath ssl stringifyObjects timezone trace typeCast
  waitForConnections`.split(/\s+/);

const KNOWN = { sqlite: [], postgres: POSTGRES, mysql: MYSQL } as const;

/**
 * Refuses a misspelled parameter, which the driver would pass over: `shcema` would put the tables elsewhere, `sslmod`
 * would go without encryption. A name that is near to none is the driver's own affair, as there will be newer ones.
 * A SQLite file takes no others.
 * @throws {UsageError} naming what was probably meant
 */
export function checkParameters(kind: keyof typeof KNOWN, given: Iterable<string>): void {
  const known: readonly string[] = [...OWN_PARAMETERS, ...KNOWN[kind]];
  for (const name of given) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    if (near !== undefined) {
      throw new UsageError(`a ${kind}:// store has no parameter "${name}"; did you mean "${near}"?`);
    }
    if (kind === "sqlite") throw new UsageError(`a sqlite:// store takes schema and prefix, got "${name}"`);
  }
}
