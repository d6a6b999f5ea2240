import type { JobId, JobState, NoteKind, Topic } from "@jobq/core";
import { END, keyText, textOfKey, WEIGHT_LENGTH, weightText } from "@jobq/level";

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
/** Where version 1 kept what groups there were. */
const BUNDLE_1 = `${ALL}b`;
const MEMBER = `${ALL}g`;
const AWAITING = `${ALL}a`;
const OWING = `${ALL}o`;
const SLOT = `${ALL}s`;
const WAITING = `${ALL}w`;
const WAITING_BY_ID = `${ALL}x`;
const COUNTS = `${ALL}t`;
const LEASES = `${ALL}h`;
/** The kinds that version 1 knew are a letter; any other, which is spelled without capitals, stands between two. */
const NOTE_KINDS: readonly (readonly [NoteKind, string])[] = [
  ["checkpoint", "c"],
  ["log", "l"],
];
const spellingOf = (kind: NoteKind): string => NOTE_KINDS.find(([name]) => name === kind)?.[1] ?? `X${kind}X`;

/** Holds the version of the store. */
export const VERSION_KEY = `${ALL}!version`;
/** Holds the numbers of the batches. */
export const COUNTER_KEY = `${ALL}!counter`;

/** A range of keys, which all begin with `gte`. */
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
/** limit key, slot -> id of the live job that holds it. */
export const slotKey = (limitKey: string, slot: number): string => `${SLOT}${keyText(limitKey)}${END}${slot}`;
/** topic -> its counts. */
export const countsKey = (topic: Topic): string => COUNTS + keyText(topic);
/** batch -> the reservations made in it; in the order of the batches. */
export const leasesKey = (batch: number): string => LEASES + batch.toString(16).padStart(14, "0");

/** The heads of a partition. */
export const partitionRange = (partition: Partition): KeyRange => PARTITION_RANGES[partition];
const PARTITION_RANGES: Readonly<Record<Partition, KeyRange>> = {
  live: startingWith(PARTITIONS.live),
  done: startingWith(PARTITIONS.done),
  canceled: startingWith(PARTITIONS.canceled),
};
/** All notes on a job. */
export const notesRange = (id: JobId): KeyRange => startingWith(NOTE + keyText(id) + END);
/** The notes of one kind on a job. */
export const kindRange = (id: JobId, kind: NoteKind): KeyRange =>
  startingWith(NOTE + keyText(id) + END + spellingOf(kind));
/** id -> nothing, of the members of a group, of those that are live or of those that have ended; in id order. */
export const membersRange = (group: string, isLive: boolean): KeyRange =>
  startingWith(MEMBER + keyText(group) + END + (isLive ? "l" : "f"));
/** weight, id -> nothing, of the jobs that wait for a slot of a limit's key; in the order in which they run. */
export const waitingRange = (limitKey: string): KeyRange => startingWith(WAITING + keyText(limitKey) + END);
/** id -> nothing, of all jobs that wait for a slot; in id order. */
export const WAITING_FOR_SLOT: KeyRange = startingWith(WAITING_BY_ID);
/** id -> nothing, of the delayed jobs that wait for the end of a group; in id order. */
export const AWAITING_GROUP: KeyRange = startingWith(AWAITING);
/** id -> nothing, of the jobs that have ended and whose end others wait to be told of; in id order. */
export const OWING_END: KeyRange = startingWith(OWING);
/** All unique keys that are held. */
export const ALL_UNIQUE: KeyRange = startingWith(UNIQUE);
/** The members of all groups. */
export const ALL_MEMBERS: KeyRange = startingWith(MEMBER);
/** The jobs that wait for a slot, of all limits. */
export const ALL_WAITING: KeyRange = startingWith(WAITING);
/** All slots that are held. */
export const ALL_SLOTS: KeyRange = startingWith(SLOT);
/** The members of groups as version 1 kept them. */
export const ALL_BUNDLES_1: KeyRange = startingWith(BUNDLE_1);
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
/** The key in a range of ids. */
export const idKey = ({ gte }: KeyRange, id: JobId): string => gte + keyText(id);
/** The id in such a key. */
export const idIn = ({ gte }: KeyRange, key: string): JobId => textOfKey(key.slice(gte.length));
/** The key of a job in the range of those that wait for a slot. */
export const waitingKey = ({ gte }: KeyRange, weight: number, id: JobId): string =>
  gte + weightText(weight) + keyText(id);
/** The id in such a key. */
export const idOfWaiting = ({ gte }: KeyRange, key: string): JobId => textOfKey(key.slice(gte.length + WEIGHT_LENGTH));
/** The id in the key of a member of any group. */
export const idOfMember = (key: string): JobId => textOfKey(key.slice(key.indexOf(END) + 2));
/** The id in the key of a job that waits for a slot of any limit. */
export const idOfWaitingKey = (key: string): JobId => textOfKey(key.slice(key.indexOf(END) + 1 + WEIGHT_LENGTH));
/** The limit's key in the key of a slot, and which slot it is. */
export const slotIn = (key: string): { readonly limitKey: string; readonly slot: number } => {
  const end = key.indexOf(END);
  return { limitKey: textOfKey(key.slice(SLOT.length, end)), slot: Number(key.slice(end + 1)) };
};
/** The group and the id in the key of a member as version 1 had it. */
export const memberIn1 = (key: string): { readonly group: string; readonly id: JobId } => {
  const end = key.indexOf(END);
  return { group: textOfKey(key.slice(BUNDLE_1.length, end)), id: textOfKey(key.slice(end + 1)) };
};
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
