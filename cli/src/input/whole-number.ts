import { wrongType } from "@jobq/core";

/**
 * A whole number.
 * @throws {TypeError} it is none
 */
export function wholeNumber(text: string, what: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw wrongType(what, "a whole number", text);
}
