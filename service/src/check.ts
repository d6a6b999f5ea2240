import { received } from "@jobq/core";

/** The longest topic, name, unique key, tag or tag value, in UTF-16 units. */
export const LONGEST_NAME = 255;

/** The most jobs one call may ask for or bring. */
export const MOST_JOBS = 10_000;

/** Control characters and lone surrogates: what some database, terminal or file system could not carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

/**
 * A name of something: not empty, at most 255 characters, no control characters.
 * @throws {TypeError} not a string
 * @throws {RangeError} empty, too long, or with a character that names do not have
 */
export function checkName(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} must be a string, got ${received(value)}`);
  if (value.length < 1 || value.length > LONGEST_NAME || UNPRINTABLE.test(value)) {
    throw new RangeError(
      `${what} must be 1 to ${LONGEST_NAME} characters, none of them a control character, got ${received(value)}`,
    );
  }
  return value;
}

/**
 * A whole number from `least` to `most`.
 * @throws {TypeError} not a number
 * @throws {RangeError} any other number
 */
export function checkInteger(value: unknown, what: string, least: number, most: number): number {
  if (typeof value !== "number") throw new TypeError(`${what} must be a number, got ${received(value)}`);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${what} must be a whole number from ${least} to ${most}, got ${value}`);
}

/** @throws {TypeError} neither an object nor left out */
export function checkOptions(value: unknown, what: string): void {
  if (value === undefined || (typeof value === "object" && value !== null)) return;
  throw new TypeError(`${what} must be an object, got ${received(value)}`);
}

/** Text that every store can keep: NUL and lone surrogates become U+FFFD. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for
  return text.replace(/\u0000|\p{Surrogate}/gu, "\ufffd");
}
