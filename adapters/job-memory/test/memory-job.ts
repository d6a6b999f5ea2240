import type { Job } from "@jobq/core";

/** A ready job with plain values for all that is not given. */
export function memoryJob(overrides: Partial<Job>): Job {
  return {
    id: "a",
    topic: "x",
    name: "x",
    weight: 0,
    createdAt: 0,
    maxRetries: 3,
    maxLeaseLosses: 3,
    timeoutMs: 30_000,
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    payload: "",
    ...overrides,
  };
}
