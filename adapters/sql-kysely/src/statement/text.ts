const MARK = "\u0001";
const UNPAIRED = /\p{Surrogate}/u;

/**
 * The text as it is stored; equal texts, and only those, stay equal. Text that some database would not give back or not
 * tell apart is spelled differently: NUL and unpaired surrogates cannot be stored, and spaces at the end do not count
 * on MySQL.
 */
export function toText(text: string): string {
  const plain = !text.includes("\0") && !text.endsWith(" ") && !text.startsWith(MARK) && !UNPAIRED.test(text);
  return plain ? text : MARK + JSON.stringify(text);
}

/**
 * The text that was stored.
 * @throws {TypeError | SyntaxError} it is none that {@link toText} makes
 */
export function fromText(stored: string): string {
  if (!stored.startsWith(MARK)) return stored;
  const text: unknown = JSON.parse(stored.slice(1));
  if (typeof text !== "string") throw new TypeError(`${stored} is no text`);
  return text;
}

/** Whether it is a text as it is stored. */
export function isText(stored: string): boolean {
  try {
    return fromText(stored) !== undefined;
  } catch {
    return false;
  }
}

/** A text, if there is one, as it is stored. */
export function maybeToText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : toText(text);
}
