export { type FieldLogger, type LogLevel, type LogOptions, logEvents } from "./log-events.ts";
