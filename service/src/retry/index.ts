export type { RetryPolicy } from "../module.ts";
export { NoRetry } from "./no-retry.ts";
export { constant, exponential, linear } from "./policies.ts";
export { RetryAfter } from "./retry-after.ts";
