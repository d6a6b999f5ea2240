import { checkOptions, type Duration, durationMs, type OptionNames, type Topic } from "@jobq/core";
import { checkInteger, checkSignal } from "./check.ts";
import { leaseMs } from "./lease-ms.ts";
import { MAX_JOBS_PER_CALL } from "./limits.ts";

/** The options of `reserve`. */
export interface ReserveOptions {
  /** How long to wait for the first job; 0. */
  readonly wait?: Duration | undefined;
  /** How long the reservations hold; by default each job's timeout. */
  readonly lease?: Duration | undefined;
  /** Ends the wait: the call rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

const RESERVE_OPTIONS: OptionNames<ReserveOptions> = { wait: true, lease: true, signal: true };

/** A call for jobs, checked. */
export interface ReserveRequest {
  readonly topic: Topic;
  readonly limit: number;
  readonly leaseMs: number | undefined;
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws {TypeError | RangeError} an invalid option */
export function reserveRequest(topic: Topic, limit: number, options: ReserveOptions): ReserveRequest {
  checkOptions(options, RESERVE_OPTIONS);
  const { wait = 0, lease, signal } = options;
  return {
    topic,
    limit: checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL),
    leaseMs: lease === undefined ? undefined : leaseMs(lease),
    waitMs: durationMs(wait, "wait"),
    signal: checkSignal(signal),
  };
}
