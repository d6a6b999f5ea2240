export { collectStats, type TopicStats } from "./collect-stats.ts";
