export { type Tracing, type TracingOptions, tracing } from "./tracing.ts";
