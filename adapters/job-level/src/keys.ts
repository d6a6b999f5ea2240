import type { JobId, JobState, NoteKind, Topic } from "@jobq/core";
import { END, keyText, type Layout, textOfKey } from "@jobq/level";

// The layout of a job store. Every key starts with this, and everything that does is ours.
const ALL = "jobq:j";

/** Where heads live: finished jobs apart, so that looking for the living never wades through the past. */
export const PARTITIONS = { live: `${ALL}l`, done: `${ALL}d`, canceled: `${ALL}c` } as const;

/** The names of the partitions. */
export type Partition = keyof typeof PARTITIONS;

/** The partition that a job in this state is in. */
export function partitionOf(state: JobState): Partition {
  return state === "done" || state === "canceled" ? state : "live";
}

const PAYLOAD = `${ALL}p`;
const RESULT = `${ALL}r`;
const NOTE = `${ALL}n`;
const UNIQUE = `${ALL}u`;
const BUNDLE = `${ALL}b`;
const COUNTS = `${ALL}t`;
const LEASES = `${ALL}h`;
/** The kinds that version 1 knew are a letter; any other, which is spelled without capitals, stands between two. */
const NOTE_KINDS: readonly (readonly [NoteKind, string])[] = [
  ["checkpoint", "c"],
  ["log", "l"],
];
const spellingOf = (kind: NoteKind): string => NOTE_KINDS.find(([name]) => name === kind)?.[1] ?? `X${kind}X`;

/** How the store is laid out; a change that older code cannot read adds a migration. */
export const LAYOUT: Layout = { versionKey: `${ALL}!version`, packageName: "@jobq/job-level", migrations: [] };

/** Holds the numbers of the batches. */
export const COUNTER_KEY = `${ALL}!counter`;

/** A range of keys. */
export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

/** id -> head; in id order. */
export const headKey = (partition: Partition, id: JobId): string => PARTITIONS[partition] + keyText(id);
/** id -> payload. */
export const payloadKey = (id: JobId): string => PAYLOAD + keyText(id);
/** id -> result, of a done job that has one. */
export const resultKey = (id: JobId): string => RESULT + keyText(id);
/** id, kind, key -> note; in the order of ids, then kinds, then keys. */
export const noteKey = (id: JobId, kind: NoteKind, key: string): string =>
  NOTE + keyText(id) + END + spellingOf(kind) + keyText(key);
/** unique key -> id of the live job that holds it. */
export const uniqueKey = (unique: string): string => UNIQUE + keyText(unique);
/** bundle, id of a member -> nothing; in the order of the ids. */
export const bundleKey = (bundle: JobId, id: JobId): string => BUNDLE + keyText(bundle) + END + keyText(id);
/** topic -> its counts. */
export const countsKey = (topic: Topic): string => COUNTS + keyText(topic);
/** batch -> the reservations made in it; in the order of the batches. */
export const leasesKey = (batch: number): string => LEASES + batch.toString(16).padStart(14, "0");

/** The heads of a partition. */
export const partitionRange = (partition: Partition): KeyRange => startingWith(PARTITIONS[partition]);
/** All notes on a job. */
export const notesRange = (id: JobId): KeyRange => startingWith(NOTE + keyText(id) + END);
/** The notes of one kind on a job. */
export const kindRange = (id: JobId, kind: NoteKind): KeyRange =>
  startingWith(NOTE + keyText(id) + END + spellingOf(kind));
/** The members of a bundle. */
export const bundleRange = (bundle: JobId): KeyRange => startingWith(BUNDLE + keyText(bundle) + END);
/** Where the records of the jobs from one id to another are. */
export const recordRanges = (first: JobId, last: JobId): KeyRange[] =>
  [...Object.values(PARTITIONS), PAYLOAD, RESULT, NOTE].map((prefix) => ({
    gte: prefix + keyText(first),
    lt: startingWith(prefix + keyText(last)).lt,
  }));
/** All counts. */
export const ALL_COUNTS: KeyRange = startingWith(COUNTS);
/** All reservations. */
export const ALL_LEASES: KeyRange = startingWith(LEASES);

/** The id in the key of a head. */
export const idOfHead = (key: string): JobId => textOfKey(key.slice(PARTITIONS.live.length));
/** The id in the key of a bundle's member. */
export const idOfMember = (key: string): JobId => textOfKey(key.slice(key.indexOf(END) + 1));
/** The id in the key of a note. */
export const idOfNote = (key: string): JobId => textOfKey(key.slice(NOTE.length, key.indexOf(END)));
/** The key of a note, as its writer gave it. */
export const keyOfNote = (key: string): string => {
  const { text, spelling } = afterId(key);
  return textOfKey(text.slice(spelling.length));
};
/** The kind in the key of a note. */
export const kindOfNote = (key: string): NoteKind => {
  const { spelling } = afterId(key);
  return NOTE_KINDS.find(([, letter]) => letter === spelling)?.[0] ?? spelling.slice(1, -1);
};
const afterId = (key: string): { readonly text: string; readonly spelling: string } => {
  const text = key.slice(key.indexOf(END) + 1);
  return { text, spelling: text[0] === "X" ? text.slice(0, text.indexOf("X", 1) + 1) : text.slice(0, 1) };
};
/** The topic in the key of a tally. */
export const topicOfCounts = (key: string): Topic => textOfKey(key.slice(COUNTS.length));
/** The batch in the key of its reservations. */
export const batchOfLeases = (key: string): number => Number.parseInt(key.slice(LEASES.length), 16);

// Every text in a key is spelled without code points above U+D7FF, so U+D800 and up sort after all of them.
function startingWith(prefix: string): KeyRange {
  return { gte: prefix, lt: `${prefix}\ue000` };
}
