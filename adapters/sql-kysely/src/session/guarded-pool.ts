import { checkDriver } from "./check-driver.ts";

/** Emits `error` events, which end the process if nothing listens. */
export interface ErrorSource {
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of a `pg` pool that {@link guardedPool} uses. */
export interface GuardablePool extends ErrorSource {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connect", listener: (client: ErrorSource) => void): unknown;
}

/** Called for each connection that broke, in use or idle. */
export type ReportBroken = (error: Error) => void;

/**
 * Returns the same `pg` pool, in which a broken connection no longer ends the process. (`pg` emits an `error` event,
 * which Node throws if nothing listens.) A call that was using the connection still rejects. Call it before the pool is
 * used; a second call only adds its `report`.
 * @throws {TypeError} no pool
 */
export function guardedPool<P extends GuardablePool>(pool: P, report?: ReportBroken): P {
  checkDriver(pool, "on", "pool", "a pool of pg");
  guard(pool);
  pool.on("connect", (client) => guard(client, report));
  return pool;
}

/** Listens to the errors of a pool or a client, which are then told to `report` alone. */
export function guard(source: ErrorSource, report: ReportBroken = () => {}): void {
  source.on("error", report);
}
