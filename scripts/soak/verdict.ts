import type { JobHead } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { LIMIT, type LinkedJobs } from "./linked-jobs.ts";

/** What clocks of the store and of a process may differ by. */
const TOLERANCE_MS = 20;

/** What is wrong with the jobs as they are in the end; empty when all promises were kept. */
export async function verdict(
  svc: JobService,
  { total, bundles }: LinkedJobs,
  starts: ReadonlyMap<string, number>,
): Promise<string[]> {
  const all = new Map<string, JobHead>();
  for (let after: string | undefined; ; ) {
    const page = await svc.find({ after, limit: 10_000 });
    for (const job of page) all.set(job.id, job);
    after = page.at(-1)?.id;
    if (after === undefined) break;
  }
  const jobs = [...all.values()];
  return [
    ...(jobs.length === total ? [] : [`${jobs.length} jobs are stored, and ${total} were`]),
    ...jobs.filter(({ state }) => state !== "done").map(({ id, state, reason }) => `${id} is ${state} ${reason ?? ""}`),
    ...jobs.filter(({ id }) => !starts.has(id)).map(({ id }) => `${id} is done, but never ran`),
    ...early(chains(jobs), starts, "the job before it in its chain"),
    ...early(ends(jobs, bundles), starts, "a member of its bundle"),
    ...overLimit(jobs, starts),
  ];
}

/** Pairs of a job and one that it waits for. */
type Waits = Iterable<readonly [JobHead | undefined, JobHead | undefined]>;

function* chains(jobs: readonly JobHead[]): Waits {
  const byPlace = new Map(jobs.map((job) => [`${job.tags?.chain}/${job.tags?.place}`, job]));
  for (const job of jobs) {
    const { chain, place } = job.tags ?? {};
    if (chain !== undefined && place !== "0") yield [job, byPlace.get(`${chain}/${Number(place) - 1}`)];
  }
}

function* ends(jobs: readonly JobHead[], bundles: readonly string[]): Waits {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const known = new Set(bundles);
  for (const job of jobs) if (job.group !== undefined && known.has(job.group)) yield [byId.get(job.group), job];
}

function early(waits: Waits, starts: ReadonlyMap<string, number>, whom: string): string[] {
  const faults: string[] = [];
  for (const [job, blocker] of waits) {
    const [start, end] = [starts.get(job?.id ?? ""), blocker?.finishedAt];
    if (start === undefined || end === undefined) faults.push(`${job?.id} or ${whom} is missing`);
    else if (start < end - TOLERANCE_MS) faults.push(`${job?.id} began ${end - start} ms before ${whom} had ended`);
  }
  return faults;
}

/** A job holds a slot at least from its first start to its end. */
function overLimit(jobs: readonly JobHead[], starts: ReadonlyMap<string, number>): string[] {
  const moments = jobs
    .filter(({ limit }) => limit?.key === LIMIT.key)
    .flatMap(({ id, finishedAt = 0 }) => [
      { at: (starts.get(id) ?? finishedAt) + TOLERANCE_MS, by: 1 },
      { at: finishedAt - TOLERANCE_MS, by: -1 },
    ]);
  moments.sort((a, b) => a.at - b.at || a.by - b.by);
  let held = 0;
  let most = 0;
  for (const { by } of moments) {
    held += by;
    most = Math.max(most, held);
  }
  return most > LIMIT.concurrency ? [`${most} jobs of a limit of ${LIMIT.concurrency} ran at once`] : [];
}
