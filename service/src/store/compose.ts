import { checkOptions, type JobRepository, type QueueStore, type TopicRepository, wrongType } from "@jobq/core";
import { checkType } from "../input/check.ts";
import type { Report } from "../report.ts";
import { Pair } from "./pair.ts";

const COMPOSE_OPTIONS = { fused: true, report: true } as const;
const JOB_METHODS = "commit get find nextLeaseEndAt slots tally notes close";
const TOPIC_METHODS = "push pop popDue nextDueAt remove topics pause close";
const CLOCK_METHODS = "now alarm sync";

/** The options of `compose`. */
export interface ComposeOptions {
  /** Throw if the two repositories do not fuse; otherwise they become a slower pair; false. */
  readonly fused?: boolean | undefined;
  /** Called for failures that no caller is told of. */
  readonly report?: Report | undefined;
}

/**
 * Composes a job repository and a topic repository: fused if they share a database, otherwise as a pair in which the
 * topics follow the jobs.
 * @throws {TypeError} one of them lacks a method of its port, or they do not fuse although `fused` is set
 */
export function compose(jobs: JobRepository, topics: TopicRepository, options: ComposeOptions = {}): QueueStore {
  checkOptions(options, COMPOSE_OPTIONS);
  const { fused = false, report } = options;
  if (typeof fused !== "boolean") throw wrongType("fused", "a boolean", fused);
  if (looksLike(jobs, "pop") && looksLike(topics, "commit")) {
    throw new TypeError("jobs is a topic repository and topics a job repository: they look swapped");
  }
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

function looksLike(port: unknown, method: string): boolean {
  return typeof (port as Record<string, unknown> | undefined)?.[method] === "function";
}

function checkPort(port: object, what: string, methods: string): void {
  checkType(port, "object", what);
  for (const method of methods.split(" ")) {
    checkType((port as Record<string, unknown>)[method], "function", `${what}.${method}`);
  }
}
