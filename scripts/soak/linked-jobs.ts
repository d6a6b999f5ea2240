import type { JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";

/** What was enqueued. */
export interface LinkedJobs {
  readonly total: number;
  /** Ids of bundles, each of {@link MEMBERS} jobs. */
  readonly bundles: readonly string[];
}

export const TOPIC = "work";
export const END_TOPIC = "end";
export const LIMIT = { key: "tenant", concurrency: 3 } as const;
const CHAIN = 5;
const MEMBERS = 100;
/** What one block holds: chains, a bundle with its end, and jobs that share a limit. */
const CHAINS = 20;
const LIMITED = 20;
const BLOCK = CHAINS * CHAIN + MEMBERS + 1 + LIMITED;
/** A kill costs a lease, never the job. */
const OPTIONS = { maxLeaseLosses: 32_767 } as const;

/** Enqueues about so many jobs: chains by `after`, bundles with a job at their end, and jobs of one limit key. */
export async function enqueueLinked(svc: JobService, about: number): Promise<LinkedJobs> {
  const bundles = createBundles(svc);
  const ids: string[] = [];
  const blocks = Math.max(1, Math.round(about / BLOCK));
  for (let block = 0; block < blocks; block++) {
    await svc.enqueueMany(Array.from({ length: CHAINS * CHAIN }, (_, index) => linkOfChain(block, index)));
    const requests = Array.from({ length: MEMBERS }, (_, index) => ({
      topic: TOPIC,
      payload: index,
      options: OPTIONS,
    }));
    const onEnd = { topic: END_TOPIC, payload: block, options: OPTIONS };
    ids.push((await bundles.enqueue("members", requests, { onEnd })).id);
    const options = { ...OPTIONS, limit: LIMIT };
    await svc.enqueueMany(Array.from({ length: LIMITED }, (_, index) => ({ topic: TOPIC, payload: index, options })));
  }
  return { total: await stored(svc), bundles: ids };
}

/** Each job of a chain waits for the one before it in the same call. */
function linkOfChain(block: number, index: number) {
  const after = index % CHAIN === 0 ? undefined : [index - 1];
  const tags = { chain: `${block}-${Math.floor(index / CHAIN)}`, place: String(index % CHAIN) };
  return { topic: TOPIC, payload: index, options: { ...OPTIONS, after, tags } };
}

async function stored(svc: JobService): Promise<number> {
  return (await svc.tally()).reduce((sum, { count }) => sum + count, 0);
}
