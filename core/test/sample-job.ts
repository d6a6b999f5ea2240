import { type Job, type JobHead, type JobState, waitsForSlot } from "@jobq/core";

/** The instant at which tests of core happen. */
export const NOW = Date.UTC(2026, 0, 1);

/** A ready job with plain values for all that is not given. */
export function sampleJob(overrides: Partial<Job> = {}): Job {
  return {
    id: "job-1",
    topic: "topic",
    name: "name",
    weight: 0,
    createdAt: NOW - 1000,
    maxRetries: 3,
    maxLeaseLosses: 3,
    timeoutMs: 30_000,
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    payload: "{}",
    ...overrides,
  };
}

const HELD = { state: "reserved", token: 7, attempt: 2, reservedAt: NOW - 10, reservedBy: "holder" } as const;

/** A job in each situation that the state machine can tell apart. */
export const SITUATIONS = {
  due: sampleJob({ state: "delayed", runAt: NOW }),
  ahead: sampleJob({ state: "delayed", runAt: NOW + 1 }),
  blocked: sampleJob({ state: "delayed", blockers: ["first"] }),
  ready: sampleJob({ token: 6 }),
  held: sampleJob({ ...HELD, leaseUntil: NOW + 1 }),
  lapsed: sampleJob({ ...HELD, leaseUntil: NOW }),
  done: sampleJob({ state: "done", token: 7, attempt: 2, finishedAt: NOW - 5, result: "1" }),
  canceled: sampleJob({ state: "canceled", token: 7, attempt: 2, finishedAt: NOW - 5, reason: "exhausted" }),
} satisfies Record<string, Job>;

export type Situation = keyof typeof SITUATIONS;

function waitsForSomething(job: JobHead): boolean {
  const waits = job.runAt !== undefined || job.blockers !== undefined || job.awaits !== undefined;
  return waits || waitsForSlot(job);
}

/** What a state keeps and what it must not keep, whichever way it was reached. */
export function faultsOf(job: JobHead): string[] {
  const holds: Record<JobState, boolean> = {
    delayed: waitsForSomething(job),
    ready: !waitsForSomething(job),
    reserved: job.leaseUntil !== undefined && job.reservedBy !== undefined && job.token > 0,
    done: job.finishedAt !== undefined && job.reason === undefined,
    canceled: job.finishedAt !== undefined && job.reason !== undefined,
  };
  const final = job.state === "done" || job.state === "canceled";
  return [
    ...(holds[job.state] ? [] : [`${job.state} lacks what it needs`]),
    ...(job.state !== "reserved" && job.leaseUntil !== undefined ? ["a lease without a reservation"] : []),
    ...(!final && job.finishedAt !== undefined ? ["an end before the end"] : []),
    ...(job.attempt < 0 || job.leaseLosses < 0 ? ["a negative count"] : []),
    ...(final && (job.slot !== undefined || job.woken || waitsForSomething(job))
      ? ["something to wait for after the end"]
      : []),
    ...(job.blockers?.length === 0 ? ["empty blockers"] : []),
  ];
}
