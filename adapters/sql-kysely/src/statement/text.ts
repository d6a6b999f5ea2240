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

/** The text that was stored. */
export function fromText(stored: string): string {
  return stored.startsWith(MARK) ? (JSON.parse(stored.slice(1)) as string) : stored;
}

/** A text, if there is one, as it is stored. */
export function maybeToText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : toText(text);
}
