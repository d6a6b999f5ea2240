import { entryOf, type JobHead, type Topic } from "@jobq/core";
import { type Level, type Opened, UTF8 } from "@jobq/level";
import type { CommitSession, Follow, HeadChange } from "./fusable-jobs.ts";
import { entryKey, topicOfEntry } from "./keys.ts";
import type { TopicIndex } from "./topic-index.ts";

/** What a step of a fused store works with, while nobody else does anything. */
export interface Step {
  readonly session: CommitSession;
  readonly opened: Opened<TopicIndex>;
}

/** Entries that come and go: their topics, by key. */
interface Moves {
  readonly added: Map<string, Topic>;
  readonly removed: Map<string, Topic>;
}

/** Whether the topics hold exactly the entries that the jobs want, so that none has to be looked for. */
export function isCaughtUp({ session, opened }: Step): boolean {
  const { mode } = opened.state;
  return mode?.name === "fused" && mode.upTo >= session.soloAt;
}

/**
 * Lets the entries follow the jobs of a commit. `keys` are the entries that its units were made from, in the same
 * order: that of a refused unit is one that its job no longer wants.
 */
export function follow(step: Step, keys: readonly string[] = []): Follow {
  const { level, state: index } = step.opened;
  return async (changes, outcomes) => {
    const moves: Moves = { added: new Map(), removed: new Map() };
    for (const change of changes) collect(change, moves);
    keys.forEach((key, i) => {
      if (!outcomes[i]?.ok) moves.removed.set(key, topicOfEntry(key));
    });
    if (moves.added.size + moves.removed.size === 0) return undefined;
    if (!isCaughtUp(step)) await dropNeedless(level, moves);
    const change = index.beginChange();
    for (const [key, topic] of moves.removed) change.remove(topic, key);
    for (const [key, topic] of moves.added) change.add(topic, key);
    return { write: (batch) => change.write(batch), adopt: () => index.adopt(change) };
  };
}

function collect({ before, after }: HeadChange, { added, removed }: Moves): void {
  const [from, to] = [keyOfEntry(before), keyOfEntry(after)];
  if (from === to) return;
  if (from !== undefined) removed.set(from, (before as JobHead).topic);
  if (to !== undefined) added.set(to, (after as JobHead).topic);
}

function keyOfEntry(head: JobHead | undefined): string | undefined {
  const entry = head && entryOf(head);
  return entry && entryKey(entry);
}

/** Leaves only those that change something. */
async function dropNeedless(level: Level, { added, removed }: Moves): Promise<void> {
  const keys = [...added.keys(), ...removed.keys()];
  const records = await level.getMany(keys, UTF8);
  keys.forEach((key, i) => {
    (records[i] === undefined ? removed : added).delete(key);
  });
}
