import type { Damage, JobId, Note, NoteKind, NoteRef, Timestamp } from "@jobq/core";
import {
  jsonRecord,
  type Level,
  type LevelBatch,
  pagesOf,
  type ReadOptions,
  readJson,
  UTF8,
  unreadable,
} from "@jobq/level";
import { idOfNote, keyOfNote, kindOfNote, kindRange, noteKey, notesRange } from "../layout/keys.ts";

type NoteFields = readonly [at: Timestamp, value: string];

/** A note to write, or one to forget. */
export type NoteChange = Note | NoteRef;

/** Adds what becomes of a note to a batch. */
export function writeNote(batch: LevelBatch, note: NoteChange): void {
  const key = noteKey(note.id, note.kind, note.key);
  if (!("value" in note)) {
    batch.del(key);
    return;
  }
  const fields: NoteFields = [note.at, note.value];
  batch.put(key, jsonRecord(fields));
}

/** The notes of a kind, or all, on a job, by kind and key. */
export async function readNotes(
  level: Level,
  options: ReadOptions,
  damage: Damage,
  id: JobId,
  kind?: NoteKind,
): Promise<Note[]> {
  const notes: Note[] = [];
  const range = kind === undefined ? notesRange(id) : kindRange(id, kind);
  for await (const page of pagesOf(level.iterator({ ...range, ...options }))) {
    for (const [key, record] of page) {
      const fields = damage.absentIfDamaged(() => readFields(key, record));
      if (!fields) continue;
      const [at, value] = fields;
      notes.push({ id, kind: kindOfNote(key), key: keyOfNote(key), value, at });
    }
  }
  // Kinds that are spelled as a letter stand behind all others.
  return notes.sort((a, b) => (a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1));
}

function readFields(key: string, record: string): NoteFields {
  const fields = readJson<NoteFields>(key, record);
  if (!Array.isArray(fields) || fields.length !== 2) throw unreadable(key, record);
  return fields;
}

/** The keys of all notes on these jobs: one walk over the notes between the first and the last, leaping over others. */
export async function noteKeys(level: Level, ids: readonly JobId[]): Promise<string[]> {
  const wanted = [...ids].sort();
  const [first, last] = [wanted[0], wanted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const found: string[] = [];
  const keys = level.keys({ gte: notesRange(first).gte, lt: notesRange(last).lt, ...UTF8 });
  let at = 0;
  for await (const page of pagesOf(keys)) {
    for (const key of page) {
      const id = idOfNote(key);
      while ((wanted[at] as JobId) < id) at++;
      if (wanted[at] === id) found.push(key);
    }
    const next = wanted[at] as JobId;
    if (idOfNote(page.at(-1) as string) !== next) keys.seek(notesRange(next).gte, UTF8);
  }
  return found;
}
