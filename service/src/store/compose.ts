import { type JobRepository, type QueueStore, type TopicRepository, wrongType } from "@jobq/core";
import { checkType } from "../input/check.ts";
import { Pair, type Report } from "./pair.ts";

const JOB_METHODS = "commit get find nextLeaseEndAt tally notes close";
const TOPIC_METHODS = "push pop popDue nextDueAt remove topics pause close";
const CLOCK_METHODS = "now alarm sync";

/**
 * Puts a job repository and a topic repository together: fused when they share a database, else as a pair in which
 * the topics follow the jobs.
 * @throws {TypeError} one of them lacks a member of its port; the message names it
 */
export function compose(jobs: JobRepository, topics: TopicRepository, report?: Report): QueueStore {
  checkPort(jobs, "jobs", JOB_METHODS);
  checkPort(jobs.clock, "jobs.clock", CLOCK_METHODS);
  checkPort(topics, "topics", TOPIC_METHODS);
  for (const { capabilities } of [jobs, topics]) {
    if (typeof capabilities?.durable !== "boolean" || typeof capabilities.shared !== "boolean") {
      throw wrongType("capabilities", "{ durable, shared }", capabilities);
    }
  }
  return topics.fuse?.(jobs) ?? new Pair(jobs, topics, report);
}

function checkPort(port: object, what: string, methods: string): void {
  checkType(port, "object", what);
  for (const method of methods.split(" ")) {
    checkType((port as Record<string, unknown>)[method], "function", `${what}.${method}`);
  }
}
