import type { Change, Note } from "@jobq/core";
import { noteSize } from "./note-rows.ts";

/** A change, the instant at which it happens, and notes that are stored with it. */
export interface TimedChange {
  readonly change: Change;
  readonly now: number;
  readonly notes: readonly Note[];
}

/** The notes of changes of different jobs, of two on one job with one name the last. */
export function notesOf(changes: readonly TimedChange[]): Note[] {
  return changes.flatMap(({ notes }) => {
    if (notes.length < 2) return notes;
    return [...new Map(notes.map((note) => [`${note.kind}/${note.key}`, note])).values()];
  });
}

/** How many characters a change and its notes carry. */
export function changeSize({ change, notes }: TimedChange): number {
  const result = change.type === "done" ? (change.result?.length ?? 0) : 0;
  return notes.reduce((sum, note) => sum + noteSize(note), result);
}
