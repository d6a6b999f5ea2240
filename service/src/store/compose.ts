import { checkOptions, type JobRepository, type QueueStore, type TopicRepository, wrongType } from "@jobq/core";
import { checkType } from "../input/check.ts";
import type { Report } from "../report.ts";
import { Pair } from "./pair.ts";

const COMPOSE_OPTIONS = { fused: true, report: true } as const;
const JOB_METHODS = "commit get find nextLeaseEndAt waitingForSlot tally notes close";
const TOPIC_METHODS = "push pop popDue nextDueAt remove topics pause close";
const CLOCK_METHODS = "now alarm sync";

/** How two repositories are put together. */
export interface ComposeOptions {
  /** Refuse to compose two repositories that do not fuse; without it they become a pair, which is slower. */
  readonly fused?: boolean | undefined;
  /** Told of failures that no caller hears about; by default nobody is. */
  readonly report?: Report | undefined;
}

/**
 * Puts a job repository and a topic repository together: fused when they share a database, else as a pair in which
 * the topics follow the jobs.
 * @throws {TypeError} one of them lacks a member of its port, or they have to fuse and do not; the message says which
 */
export function compose(jobs: JobRepository, topics: TopicRepository, options: ComposeOptions = {}): QueueStore {
  checkOptions(options, COMPOSE_OPTIONS);
  const { fused = false, report } = options;
  if (typeof fused !== "boolean") throw wrongType("fused", "a boolean", fused);
  checkPort(jobs, "jobs", JOB_METHODS);
  checkPort(jobs.clock, "jobs.clock", CLOCK_METHODS);
  checkPort(topics, "topics", TOPIC_METHODS);
  for (const { capabilities } of [jobs, topics]) {
    if (typeof capabilities?.durable !== "boolean" || typeof capabilities.shared !== "boolean") {
      throw wrongType("capabilities", "{ durable, shared }", capabilities);
    }
  }
  const store = topics.fuse?.(jobs);
  if (!store && fused) throw new TypeError(`fused: true, but ${whyApart(topics)}`);
  return store ?? new Pair(jobs, topics, report);
}

function whyApart({ fuse }: TopicRepository): string {
  if (fuse === undefined) return "the topic repository fuses with no job repository: it has no fuse()";
  return "the topic repository does not fuse with these jobs: they are of another kind, wrapped, or in another database";
}

function checkPort(port: object, what: string, methods: string): void {
  checkType(port, "object", what);
  for (const method of methods.split(" ")) {
    checkType((port as Record<string, unknown>)[method], "function", `${what}.${method}`);
  }
}
