/** What tells of errors by an event, which ends the process when nobody listens. */
export interface ErrorSource {
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of `pg`, as far as this needs to know it. */
export interface GuardablePool extends ErrorSource {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connect", listener: (client: ErrorSource) => void): unknown;
}

/** Told of each connection that broke, in use or idle. */
export type ReportBroken = (error: Error) => void;

/**
 * Returns the same pool of `pg`, whose connections no longer end the process when they break: `pg` tells of that by an
 * event that Node throws when nobody listens. Who was using the connection has a rejection besides. To be called before
 * the pool is used; does nothing the second time, but for the further `report`.
 */
export function guardedPool<P extends GuardablePool>(pool: P, report?: ReportBroken): P {
  guard(pool);
  pool.on("connect", (client) => guard(client, report));
  return pool;
}

/** Listens to the errors of a pool or a client, which are then told to `report` alone. */
export function guard(source: ErrorSource, report: ReportBroken = () => {}): void {
  source.on("error", report);
}
