import type { JobHead, JobId } from "@jobq/core";
import type { FindOptions } from "@jobq/service";
import type { Command } from "commander";
import { pagesOf } from "../queue/pages-of.ts";
import type { Queue } from "../queue/queue.ts";
import { type StateFilter, stateFilters } from "./state-filter.ts";
import { tagsOf } from "./tags.ts";

/** Which jobs are meant. */
export interface FilterOptions {
  readonly state?: readonly string[];
  readonly topic?: string;
  readonly type?: string;
  readonly tag?: readonly string[];
  readonly group?: string;
  readonly unique?: string;
}

/** Options of a command that picks jobs by what they are. */
export function filterOptions(command: Command): Command {
  return command
    .option("-s, --state <state...>", "in one of these states, or canceled for such a reason")
    .option("--topic <topic>", "on this topic")
    .option("-t, --type <type>", "of this type, which says what handler runs them")
    .option("--tag <name=value...>", "with all of these tags")
    .option("--group <group>", "in this group: the id of a bundle, for its members")
    .option("--unique <key>", "with this unique key");
}

/** True where something narrows the jobs down. */
export function isNarrow({ state, topic, type, tag, group, unique }: FilterOptions): boolean {
  return [state, topic, type, tag, group, unique].some((one) => one !== undefined);
}

const PAGE = 1000;

/** The newest jobs that pass, at most `limit`. */
export async function newestJobs(queue: Queue, options: FilterOptions, limit: number): Promise<JobHead[]> {
  const found = await Promise.all(
    stateFilters(options.state).map((state) => jobsOf(queue, options, state, { order: "newest", limit })),
  );
  const jobs = distinct(found.flat()).sort((a, b) => (a.id < b.id ? 1 : -1));
  return jobs.slice(0, limit);
}

/** All jobs that pass. */
export async function allJobs(queue: Queue, options: FilterOptions): Promise<readonly JobHead[]> {
  const found = await Promise.all(
    stateFilters(options.state).map((state) => jobsOf(queue, options, state, { limit: Number.POSITIVE_INFINITY })),
  );
  return distinct(found.flat());
}

/** Each job once: names of states overlap, as `canceled` and `dead` do. */
function distinct(jobs: readonly JobHead[]): JobHead[] {
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

function queryOf({ topic, type, tag, group, unique }: FilterOptions, { state, reason }: StateFilter): FindOptions {
  const tags = tagsOf(tag);
  return {
    ...(state === undefined ? {} : { state }),
    ...(reason === undefined ? {} : { reason }),
    ...(topic === undefined ? {} : { topic }),
    ...(type === undefined ? {} : { name: type }),
    ...(group === undefined ? {} : { group }),
    ...(unique === undefined ? {} : { unique }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function jobsOf(
  queue: Queue,
  options: FilterOptions,
  state: StateFilter,
  { order = "oldest", limit }: { readonly order?: "newest" | "oldest"; readonly limit: number },
): Promise<JobHead[]> {
  const query = { ...queryOf(options, state), order };
  const side = order === "newest" ? "before" : "after";
  const page = (last: JobId | undefined, most: number) =>
    queue.find({ ...query, limit: most, ...(last && { [side]: last }) });
  return pagesOf(limit, PAGE, page, state.tried && ((job) => job.attempt > 0));
}
