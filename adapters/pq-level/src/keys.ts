import type { JobId, Timestamp, Topic, TopicEntry } from "@jobq/core";
import { END, keyText, type Layout, textOfKey, WEIGHT_LENGTH, weightText } from "@jobq/level";

// The layout of a topic store. Every key starts with this, and everything that does is ours.
const ALL = "jobq:t";

const READY = `${ALL}q`;
const DUE = `${ALL}d`;
const ENTRY_KEY = `${ALL}i`;
const TOPIC = `${ALL}c`;

/** How the store is laid out; a change that older code cannot read adds a migration. */
export const LAYOUT: Layout = { versionKey: `${ALL}!version`, packageName: "@jobq/pq-level", migrations: [] };

/** Holds how the index is kept. */
export const MODE_KEY = `${ALL}!mode`;
/** Holds the key before which there is no delayed entry. */
export const DUE_FLOOR_KEY = `${ALL}!due`;

/** A range of keys. */
export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

/**
 * Where an entry is: a ready one under topic, weight, id, a delayed one under instant, weight, id, topic, so that both
 * sort as they are to come out, and the key alone says all there is to know.
 */
export function entryKey({ id, topic, weight, at }: TopicEntry): string {
  const place = weightText(weight) + keyText(id);
  return at === undefined
    ? `${READY}${keyText(topic)}${END}${place}`
    : `${DUE}${numberText(at)}${place}${END}${keyText(topic)}`;
}

/** The topic in the key of an entry. */
export function topicOfEntry(key: string): Topic {
  const end = key.indexOf(END);
  return textOfKey(isDue(key) ? key.slice(end + 1) : key.slice(READY.length, end));
}

/** Whether the key is of a delayed entry. */
export const isDue = (key: string): boolean => key.startsWith(DUE);

/** The id in the key of an entry. */
export function idOf(key: string): JobId {
  const end = key.indexOf(END);
  return textOfKey(
    isDue(key) ? key.slice(DUE.length + NUMBER_DIGITS + WEIGHT_LENGTH, end) : key.slice(end + 1 + WEIGHT_LENGTH),
  );
}

/** The instant in the key of a delayed entry. */
export const instantOf = (key: string): Timestamp => numberIn(key.slice(DUE.length, DUE.length + NUMBER_DIGITS));

/** id -> the key of its entry; kept only where nobody else knows it. */
export const entryKeyOfId = (id: JobId): string => ENTRY_KEY + keyText(id);
/** topic -> what is known of it. */
export const topicKey = (topic: Topic): string => TOPIC + keyText(topic);
/** The topic in such a key. */
export const topicOf = (key: string): Topic => textOfKey(key.slice(TOPIC.length));

/** The ready entries of a topic. */
export const readyRange = (topic: Topic): KeyRange => startingWith(`${READY}${keyText(topic)}${END}`);
/** All ready entries. */
export const ALL_READY: KeyRange = startingWith(READY);
/** All delayed entries. */
export const ALL_DUE: KeyRange = startingWith(DUE);
/** The keys of entries by id. */
export const ALL_ENTRY_KEYS: KeyRange = startingWith(ENTRY_KEY);
/** All topics. */
export const ALL_TOPICS: KeyRange = startingWith(TOPIC);

/** The first key that can come after this one. */
export const successor = (key: string): string => key + END;

const NUMBER_DIGITS = 16;
const NEGATIVE = 0x8000_0000;

const bits = new DataView(new ArrayBuffer(8));

/** Any number such that texts sort as numbers do: its bits, of a negative one all turned over, else only the sign. */
function numberText(number: number): string {
  bits.setFloat64(0, number + 0);
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)];
  return high >= NEGATIVE ? hex(~high) + hex(~low) : hex(high ^ NEGATIVE) + hex(low);
}

function numberIn(text: string): number {
  const [high, low] = [Number.parseInt(text.slice(0, 8), 16), Number.parseInt(text.slice(8), 16)];
  const isPositive = high >= NEGATIVE;
  bits.setUint32(0, isPositive ? high ^ NEGATIVE : ~high);
  bits.setUint32(4, isPositive ? low : ~low);
  return bits.getFloat64(0);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

// Every text in a key is spelled without code points above U+D7FF, so U+E000 sorts after all of them.
function startingWith(prefix: string): KeyRange {
  return { gte: prefix, lt: `${prefix}\ue000` };
}
