import { outOfRange, wrongType } from "@jobq/core";

/**
 * A whole number.
 * @param least what it must be at least; anything by default
 * @throws {TypeError | RangeError} it is none, or less than that
 */
export function wholeNumber(text: string, what: string, least = Number.NEGATIVE_INFINITY): number {
  if (!/^-?\d{1,15}$/.test(text)) throw wrongType(what, "a whole number", text);
  if (Number(text) >= least) return Number(text);
  throw outOfRange(what, `at least ${least}`, text);
}
