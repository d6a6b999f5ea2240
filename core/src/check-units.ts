import { checkJobId } from "./check-id.ts";
import type { TopicEntry } from "./entry.ts";
import { outOfRange, wrongType } from "./errors.ts";
import type { Job } from "./job.ts";
import { NOTE_KIND } from "./note.ts";
import type { Unit } from "./unit.ts";

/** The most characters (UTF-16 units) of a topic, a name, a key, a group or a tag. */
const LONGEST_NAME = 255;

/**
 * Refuses what some store could not keep apart from something else: to be called with what `commit` is given, before
 * anything is written.
 * @throws {TypeError | RangeError} an id that is none, a name or key of no or over 255 characters, a kind that is none
 */
export function checkUnits(units: readonly Unit[]): void {
  for (const { insert, apply, note, forget, remove, purge } of units) {
    if (insert) for (const job of insert) checkNewJob(job);
    if (apply) for (const { id } of apply) checkJobId(id);
    for (const one of note ?? []) checkNote(one);
    for (const one of forget ?? []) checkNote(one);
    for (const id of remove ?? []) checkJobId(id);
    for (const id of purge ?? []) checkJobId(id);
  }
}

/**
 * Refuses entries that some store could not keep apart from others, before anything is written.
 * @throws {TypeError | RangeError} an id that is none, a topic of no or over 255 characters
 */
export function checkEntries(entries: readonly TopicEntry[]): void {
  for (const { id, topic } of entries) {
    checkJobId(id);
    checkLength(topic, "topic");
  }
}

function checkNewJob({ id, topic, name, unique, parent, group, limit, blockers }: Job): void {
  checkJobId(id);
  checkLength(topic, "topic");
  checkLength(name, "name");
  if (unique !== undefined) checkLength(unique, "unique");
  if (parent !== undefined) checkJobId(parent, "parent");
  if (group !== undefined) checkLength(group, "group");
  if (limit !== undefined) checkLength(limit.key, "limit.key");
  if (blockers !== undefined) for (const blocker of blockers) checkJobId(blocker, "a blocker");
}

function checkNote({ id, kind, key }: { readonly id: string; readonly kind: string; readonly key: string }): void {
  checkJobId(id);
  if (!NOTE_KIND.test(kind))
    throw outOfRange("the kind of a note", "1 to 32 lower-case letters, digits, hyphens", kind);
  checkLength(key, "the key of a note");
}

function checkLength(text: string, what: string): void {
  if (typeof text !== "string") throw wrongType(what, "a string", text);
  if (text === "" || text.length > LONGEST_NAME) throw outOfRange(what, "1 to 255 characters", text);
}
