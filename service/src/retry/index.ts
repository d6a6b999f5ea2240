export type { RetryPolicy } from "../input/retry-policy.ts";
export { NoRetry } from "./no-retry.ts";
export { constant, exponential, linear } from "./policies.ts";
export { RetryAfter } from "./retry-after.ts";
