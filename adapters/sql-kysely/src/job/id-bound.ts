/** What of a text may be an id, up to the first character that no id has at that place. */
const ID_PART = /^[!-~]{0,64}/;

/** The characters of ids that sort first and last, and one after them that every database takes. */
const [FIRST, LAST, BEYOND] = ["!", "~", "\u007f"] as const;

/**
 * A text that as many ids come after, or before, as come after or before `cursor`. Databases do not compare with every
 * text as JavaScript does: PostgreSQL takes no NUL, and MySQL no character that its column cannot hold, nor does it count
 * spaces at the end.
 */
export function idBound(cursor: string, side: "after" | "before"): string {
  const part = (ID_PART.exec(cursor) as RegExpExecArray)[0];
  const rest = cursor.slice(part.length);
  if (rest === "") return part;
  if (rest > LAST) return part + BEYOND; // after all that begin with the part
  return side === "after" ? part : part + FIRST; // between the part itself and what else begins with it
}
