import type { Change } from "./change.ts";
import { checkJobId } from "./check-id.ts";
import type { TopicEntry } from "./entry.ts";
import { outOfRange } from "./errors.ts";
import type { Job, Progress } from "./job.ts";
import { checkLength, checkText, MAX_DATA_LENGTH, MAX_NAME_LENGTH, MAX_TAGS } from "./limits.ts";
import { NOTE_KIND } from "./note.ts";
import type { Unit } from "./unit.ts";

/**
 * Checks the units of a `commit` before anything is written: refuses what some store could not store, or tell apart
 * from something else.
 * @throws {TypeError | RangeError} an invalid id or kind, a name or key that does not have 1 to 255 characters, or a
 * text that is too long
 */
export function checkUnits(units: readonly Unit[]): void {
  for (const { insert, apply, note, forget, remove, purge } of units) {
    if (insert) for (const job of insert) checkNewJob(job);
    if (apply) for (const change of apply) checkChange(change);
    for (const one of note ?? []) checkNote(one);
    for (const one of forget ?? []) checkNote(one);
    for (const id of remove ?? []) checkJobId(id);
    for (const id of purge ?? []) checkJobId(id);
  }
}

/**
 * Checks entries before anything is written: refuses those that some store could not tell apart from others.
 * @throws {TypeError | RangeError} an invalid id, or a topic that does not have 1 to 255 characters
 */
export function checkEntries(entries: readonly TopicEntry[]): void {
  for (const { id, topic } of entries) {
    checkJobId(id);
    checkLength(topic, "topic");
  }
}

function checkNewJob(job: Job): void {
  const { id, topic, name, unique, parent, group, limit, blockers, tags, data } = job;
  checkJobId(id);
  checkLength(topic, "topic");
  checkLength(name, "name");
  if (unique !== undefined) checkLength(unique, "unique");
  if (parent !== undefined) checkJobId(parent, "parent");
  if (group !== undefined) checkLength(group, "group");
  if (limit !== undefined) checkLength(limit.key, "limit.key");
  if (blockers !== undefined) for (const blocker of blockers) checkJobId(blocker, "a blocker");
  if (tags !== undefined) checkTags(tags);
  if (data !== undefined) checkText(data, "data", MAX_DATA_LENGTH);
  checkTold(job);
}

function checkChange(change: Change): void {
  checkJobId(change.id);
  if (change.type === "reserve") checkText(change.by, "the holder", MAX_NAME_LENGTH);
  else if (change.type === "suspend") checkText(change.awaits ?? "", "awaits", MAX_NAME_LENGTH);
  else if (change.type === "extend" || change.type === "retry" || change.type === "cancel") checkTold(change);
}

/** What a job, or a change of one, has for people to read. */
interface Told {
  readonly error?: string | undefined;
  readonly progress?: Progress | undefined;
}

function checkTold({ error, progress }: Told): void {
  if (error !== undefined) checkText(error, "an error");
  if (progress?.message !== undefined) checkText(progress.message, "the message of a progress");
}

function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) throw outOfRange("the number of tags", `at most ${MAX_TAGS}`, entries.length);
  for (const [name, value] of entries) {
    checkText(name, "a tag's name", MAX_NAME_LENGTH);
    checkText(value, `tag ${name}`, MAX_NAME_LENGTH);
  }
}

function checkNote({ id, kind, key }: { readonly id: string; readonly kind: string; readonly key: string }): void {
  checkJobId(id);
  if (!NOTE_KIND.test(kind))
    throw outOfRange("the kind of a note", "1 to 32 lower-case letters, digits, hyphens", kind);
  checkLength(key, "the key of a note");
}
