export { checkWhen } from "./check-when.ts";
export { cron } from "./cron.ts";
export { daily } from "./daily.ts";
export { every } from "./every.ts";
export { nextInstant } from "./instants.ts";
export { checkTimezone } from "./timezone.ts";
export { type Weekday, weekly } from "./weekly.ts";
export type { When } from "./when.ts";
