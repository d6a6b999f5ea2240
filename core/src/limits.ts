import { outOfRange, wrongType } from "./errors.ts";

/** The most characters (UTF-16 units) of a topic, a name, a key, a group, a holder, or of a tag's name or value. */
export const MAX_NAME_LENGTH = 255;
/** The most tags of a job. */
export const MAX_TAGS = 100;
/** The most characters of what people read: an error, a message of progress, a log line. */
export const MAX_TEXT_LENGTH = 65_536;
/** The largest number of characters in the `data` of a job. */
export const MAX_DATA_LENGTH = 16_384;

/**
 * Checks a text: at most 65,536 characters, or `most`.
 * @throws {TypeError} not a string
 * @throws {RangeError} too long
 */
export function checkText(text: string, what: string, most = MAX_TEXT_LENGTH): string {
  if (typeof text !== "string") throw wrongType(what, "a string", text);
  if (text.length <= most) return text;
  throw outOfRange(`the length of ${what}`, `at most ${most} characters`, text.length);
}

/**
 * A name or a key: 1 to 255 characters.
 * @throws {TypeError} not a string
 * @throws {RangeError} empty or too long
 */
export function checkLength(text: string, what: string): void {
  if (typeof text !== "string") throw wrongType(what, "a string", text);
  if (text === "" || text.length > MAX_NAME_LENGTH) throw outOfRange(what, "1 to 255 characters", text);
}

/**
 * A whole number from `least` to `most`.
 * @throws {TypeError} not a number
 * @throws {RangeError} any other number
 */
export function checkInteger(value: number, what: string, least: number, most: number): number {
  if (typeof value !== "number") throw wrongType(what, "a number", value);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw outOfRange(what, `a whole number from ${least} to ${most}`, value);
}
