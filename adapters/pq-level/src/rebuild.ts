import { entryOf, type JobHead, type JobQuery } from "@jobq/core";
import { type LevelStore, UTF8 } from "@jobq/level";
import { isCaughtUp, type Step } from "./follow.ts";
import { ALL_DUE, ALL_READY, entryKey } from "./keys.ts";
import { setMode } from "./set-mode.ts";
import type { TopicIndex } from "./topic-index.ts";

/**
 * Takes all entries away if they may not be what the jobs want; returns the batch that they will be right as of when
 * all jobs have been gone through, undefined when there is nothing to do.
 */
export async function startRebuild(store: LevelStore<TopicIndex>, step: Step): Promise<number | undefined> {
  if (isCaughtUp(step)) return undefined;
  const { state: index } = step.opened;
  const upTo = step.session.mark();
  await setMode(store, step.opened, { name: "fused", upTo: -1 });
  for (const range of [ALL_READY, ALL_DUE]) await store.clear(step.opened, range);
  const change = index.beginChange();
  change.forget();
  await store.write(step.opened, (batch) => change.write(batch));
  index.adopt(change);
  return upTo;
}

/** Adds the entries of a page of jobs that are not there yet; returns the jobs. */
export async function addPage(store: LevelStore<TopicIndex>, step: Step, query: JobQuery): Promise<JobHead[]> {
  const { level, state: index } = step.opened;
  const page = await step.session.find(query);
  const entries = page.flatMap((job) => entryOf(job) ?? []);
  const keys = entries.map(entryKey);
  const present = keys.length > 0 ? await level.getMany(keys, UTF8) : [];
  const change = index.beginChange();
  entries.forEach(({ topic }, i) => {
    if (present[i] === undefined) change.add(topic, keys[i] as string);
  });
  await store.write(step.opened, (batch) => change.write(batch));
  index.adopt(change);
  return page;
}
