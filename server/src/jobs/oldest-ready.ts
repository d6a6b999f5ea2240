import type { JobHead, Timestamp, Topic, TopicInfo } from "@jobq/core";
import type { FindOptions } from "@jobq/service";

/** Looking for the oldest job of each is a query per topic: of more topics than this, only the longest queues are looked at. */
const MAX_TOPICS = 100;

/** Returns the oldest ready job of each topic that has one, by topic; of more than 100 topics, of those with the most. */
export async function oldestReady(
  svc: { find(options: FindOptions): Promise<readonly JobHead[]> },
  topics: readonly TopicInfo[],
): Promise<ReadonlyMap<Topic, JobHead>> {
  const waiting = topics.filter(({ ready }) => ready > 0).sort((a, b) => b.ready - a.ready);
  const found = await Promise.all(
    waiting.slice(0, MAX_TOPICS).map(({ topic }) => svc.find({ topic, state: "ready", limit: 1 })),
  );
  return new Map(found.flatMap(([job]) => (job ? [[job.topic, job] as const] : [])));
}

/**
 * Since when a ready job has waited, as far as it tells: since its latest attempt began, or since it was enqueued. When a
 * delay ended is not kept with a job.
 */
export function readySince({ createdAt, reservedAt = createdAt }: JobHead): Timestamp {
  return reservedAt;
}
