import type { Note, NoteRef } from "@jobq/core";
import type { Dialect, Shape } from "../dialect/dialect.ts";
import { columnList } from "../job/columns.ts";
import type { Layout } from "../schema/layout.ts";
import type { Fields } from "../statement/rows.ts";
import { toText } from "../statement/text.ts";

/** What names a note. */
export const NOTE_KEY = { job_id: "id", kind: "label", note_key: "key" } as const satisfies Shape;

const NOTE = { ...NOTE_KEY, value: "long", at: "big" } as const satisfies Shape;

/**
 * Stores the notes of `notes`.
 * @param join leaves those of the rows `i` that are to be stored
 */
export function putNotes({ dialect, tables }: Layout, writing: Dialect, join = ""): string {
  return `insert into ${tables.notes} (${Object.keys(NOTE).join(", ")})
    select ${columnList(NOTE, "i")} from ${writing.rows(":notes", "i", NOTE)} ${join} where 1 = 1
    ${dialect.overwrite(Object.keys(NOTE_KEY), ["value", "at"])}`;
}

/** A note as a row. */
export function noteFields({ value, at, ...ref }: Note): Fields {
  return { ...noteKeyFields(ref), value: toText(value), at };
}

/** Its name as a row. */
export function noteKeyFields({ id, kind, key }: NoteRef): Fields {
  return { job_id: id, kind, note_key: toText(key) };
}

/** How many characters it carries. */
export function noteSize({ value }: Note): number {
  return value.length;
}
