import type { QueueStore } from "@jobq/core";
import type { Runner } from "../case.ts";
import { Fault, holds } from "../check.ts";
import { checkRunner } from "../check-harness.ts";
import { recover } from "../pair/follow.ts";
import type { Fate } from "../write-faults.ts";
import { afterwards } from "./afterwards.ts";
import { type CrashHarness, checkCrashHarness, type MortalStore, openMortal } from "./crash-harness.ts";
import { type Story, stories } from "./stories.ts";

/** More writes than any story takes. */
const LIMIT = 1_000;

/**
 * Registers a test for each story: it crashes at every write, once with the write lost and once with it stored but not
 * acknowledged.
 * @throws {TypeError} a wrong runner or harness
 */
export function crashSuite(runner: Runner, harness: CrashHarness): void {
  checkRunner(runner);
  checkCrashHarness(harness);
  runner.describe(`${harness.name}: deaths`, () => {
    for (const story of stories) {
      runner.it(`${story.id} ${story.title}: what was acknowledged outlives a death at each write`, () =>
        killAtEach(story, harness),
      );
    }
  });
}

/**
 * Plays one story as {@link crashSuite} does, without a test runner; rejects with a {@link Fault} if a crash loses or
 * duplicates something.
 */
export async function killAtEach(story: Story, harness: CrashHarness): Promise<void> {
  checkCrashHarness(harness);
  const chapters = await undisturbed(story, harness);
  let deaths = 0;
  for (let write = 1; write < LIMIT; write += harness.every ?? 1) {
    const ends = [
      await killed(story, harness, chapters, write, "lost"),
      await killed(story, harness, chapters, write, "stored"),
    ];
    if (ends.every((told) => told === story.deeds.length)) break; // and if the last write was met, nobody was told
    deaths += 1;
  }
  holds(deaths > 0, "the store is written to, and dies when it is told to");
}

/** What there is after each deed when nothing dies. */
async function undisturbed(story: Story, harness: CrashHarness): Promise<readonly string[]> {
  const chapters: string[] = [];
  for (let length = 0; length <= story.deeds.length; length++) {
    const mortal = await openMortal(harness);
    for (const deed of story.deeds.slice(0, length)) await deed(mortal.store);
    chapters.push(await finish(mortal));
  }
  return chapters;
}

/** Kills the story at a write; returns how many deeds were acknowledged. */
async function killed(
  { deeds, id }: Story,
  harness: CrashHarness,
  chapters: readonly string[],
  write: number,
  fate: Fate,
): Promise<number> {
  const mortal = await openMortal(harness);
  mortal.dieAt(write, fate);
  let told = 0;
  for (const deed of deeds) {
    const isTold = await deed(mortal.store).then(
      () => true,
      () => false,
    );
    if (!isTold) break;
    told += 1;
  }
  const after = await finish(mortal);
  const possible = chapters.slice(told, told + 2);
  if (possible.includes(after)) return told;
  const where = `${id}, killed at write ${write}, which was ${fate}, after ${told} deeds`;
  throw new Fault(`${where}: neither what was acknowledged nor that and the next deed`, after, possible);
}

/** What the next process finds, once it has recovered. */
async function finish(mortal: MortalStore): Promise<string> {
  for (const port of [mortal.store.topics, mortal.store.jobs]) await port.close().catch(() => {});
  const store: QueueStore = await mortal.reopen();
  try {
    await recover(store, 10);
    return await afterwards(store);
  } finally {
    await store.topics.close();
    await store.jobs.close();
    await mortal.dispose?.();
  }
}
