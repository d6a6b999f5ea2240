import { outOfRange, wrongType } from "@jobq/core";

export { checkInteger } from "@jobq/core";

/** Control characters and lone surrogates: what some database, terminal or file system could not carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

/** @throws {TypeError} not of that type; null is no object */
export function checkType<T>(value: T, type: "string" | "number" | "boolean" | "function" | "object", what: string): T {
  if (typeof value === type && value !== null) return value;
  throw wrongType(what, `${type === "object" ? "an" : "a"} ${type}`, value);
}

/**
 * A name of something: 1 to 255 characters (UTF-16 units), no control characters.
 * @throws {TypeError} not a string
 * @throws {RangeError} empty, too long, or with a character that names do not have
 */
export function checkName(value: string, what: string): string {
  checkType(value, "string", what);
  if (value && value.length <= 255 && !UNPRINTABLE.test(value)) return value;
  throw outOfRange(what, "1 to 255 printable characters", value);
}

/** @throws {TypeError} neither an abort signal nor left out */
export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || typeof signal?.addEventListener === "function") return signal;
  throw wrongType("signal", "an AbortSignal", signal);
}
