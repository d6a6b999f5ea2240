import { type JobRepository, type QueueStore, received, type TopicRepository } from "@jobq/core";
import { Pair, type Report } from "./pair.ts";

const JOB_METHODS = ["commit", "get", "find", "nextLeaseEndAt", "tally", "notes", "close"];
const TOPIC_METHODS = ["push", "pop", "popDue", "nextDueAt", "remove", "topics", "pause", "close"];
const CLOCK_METHODS = ["now", "alarm", "sync"];

/**
 * Puts a job repository and a topic repository together: fused when they share a database, else as a pair in which
 * the topics follow the jobs.
 * @throws {TypeError} one of them lacks a member of its port; the message names it
 */
export function compose(jobs: JobRepository, topics: TopicRepository, report?: Report): QueueStore {
  assertPort("the job repository", jobs, JOB_METHODS);
  assertPort("the clock of the job repository", jobs.clock, CLOCK_METHODS);
  assertPort("the topic repository", topics, TOPIC_METHODS);
  for (const { capabilities } of [jobs, topics]) {
    if (typeof capabilities?.durable !== "boolean" || typeof capabilities.shared !== "boolean") {
      throw new TypeError(`a repository must declare capabilities { durable, shared }, got ${received(capabilities)}`);
    }
  }
  return topics.fuse?.(jobs) ?? new Pair(jobs, topics, report);
}

function assertPort(what: string, port: object, methods: readonly string[]): void {
  if (typeof port !== "object" || port === null)
    throw new TypeError(`${what} must be an object, got ${received(port)}`);
  for (const method of methods) {
    const member = (port as Record<string, unknown>)[method];
    if (typeof member !== "function")
      throw new TypeError(`${what} must have a method ${method}, got ${received(member)}`);
  }
}
