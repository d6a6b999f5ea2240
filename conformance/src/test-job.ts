import type { Job, JobHead, JobId, Timestamp } from "@jobq/core";

/** The instant at which the jobs of {@link testJob} were created. */
export const TEST_NOW: Timestamp = Date.UTC(2026, 0, 1);

const PREFIX = testPrefix(TEST_NOW);

function testPrefix(now: Timestamp): string {
  const time = now.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-`;
}

/** Returns the id with this number: a UUIDv7. A greater number gives a greater id. */
export function testId(number: number): JobId {
  return PREFIX + number.toString(16).padStart(12, "0");
}

/** Returns a ready job with the id of this number; `overrides` replaces its other values. */
export function testJob(number: number, overrides: Partial<Job> = {}): Job {
  return {
    id: testId(number),
    topic: "topic",
    name: "name",
    weight: 0,
    createdAt: TEST_NOW,
    maxRetries: 3,
    maxLeaseLosses: 3,
    timeoutMs: 30_000,
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    payload: `{"number":${number}}`,
    ...overrides,
  };
}

/** Returns `count` ready jobs, numbered from `first`; 1. */
export function testJobs(count: number, first = 1, overrides: Partial<Job> = {}): Job[] {
  return Array.from({ length: count }, (_, index) => testJob(first + index, overrides));
}

/** Returns the job without its payload and result. */
export function headOf(job: JobHead): JobHead {
  const { payload: _payload, result: _result, ...head } = job as Job;
  return head;
}
