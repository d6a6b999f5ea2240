// What operators ask now and then: loaded when it is first asked for.
export { lookForEnds } from "../events/ends-elsewhere.ts";
export { listenToChanges } from "../events/listen-to-changes.ts";
export { afterCommitOf } from "../waits/after-commit.ts";
export { explain } from "./explain.ts";
export { limitUsages } from "./limit-usage.ts";
export { cancelMany, resetMany } from "./many.ts";
export { purgeJobs } from "./purge.ts";
export { keepSoLong } from "./retention.ts";
