import { checkOptions, type OptionNames } from "@jobq/core";

/** What a job has to be like; what is left out does not matter. */
export interface JobMatch {
  readonly topic?: string | undefined;
  /** Which handler runs it. */
  readonly name?: string | undefined;
  /** Equal, or for objects: each of these fields is there and matches. */
  readonly payload?: unknown;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const JOB_MATCH: OptionNames<JobMatch> = { topic: true, name: true, payload: true, tags: true };

/** What is compared of a job. */
export type Comparable = Required<Pick<JobMatch, "topic" | "name" | "payload">> & Pick<JobMatch, "tags">;

/** Those that match. */
export function matching<Job extends Comparable>(jobs: readonly Job[], match: JobMatch): Job[] {
  checkOptions(match, JOB_MATCH, "match");
  return jobs.filter((job) =>
    (["topic", "name", "payload", "tags"] as const).every(
      (part) => match[part] === undefined || contains(job[part], match[part]),
    ),
  );
}

/**
 * Makes sure of how many of the jobs match.
 * @param times exactly so many; undefined for at least one
 * @throws {Error} which lists all there are
 */
export function assertCount(jobs: readonly Comparable[], match: JobMatch, times: number | undefined): void {
  const count = matching(jobs, match).length;
  if (times === undefined ? count > 0 : count === times) return;
  const wanted = times === undefined ? "at least one job" : `${times} ${times === 1 ? "job" : "jobs"}`;
  const all = jobs.map(({ topic, name, payload, tags }) => `\n  ${text({ topic, name, payload, tags })}`);
  throw new Error(
    `expected ${wanted} like ${text(match)}, got ${count}; ${all.length === 0 ? "none was enqueued" : `enqueued were:${all.join("")}`}`,
  );
}

function contains(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return false;
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false;
  if (Object.getPrototypeOf(expected) !== Object.getPrototypeOf(actual)) return text(expected) === text(actual);
  return Object.entries(expected).every(([key, value]) => contains((actual as Record<string, unknown>)[key], value));
}

function text(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
