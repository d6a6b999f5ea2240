import { outOfRange, wrongType } from "@jobq/core";

/** Throws when a value is not what a field may be; `what` names the field. */
export type FieldCheck = (value: unknown, what: string) => void;

/** A check for each field of a record. */
export type FieldChecks<T> = { readonly [Name in keyof T]-?: FieldCheck };

/**
 * Checks a record and each of its fields, and that it has no others.
 * @throws {TypeError | RangeError} the message names the field
 */
export function checkFields<T extends object>(value: unknown, checks: FieldChecks<T>, what: string): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(what, "an object", value);
  for (const field in value) {
    if (!Object.hasOwn(checks, field)) throw new TypeError(`${what}.${field} must not be there`);
  }
  for (const [field, check] of Object.entries<FieldCheck>(checks as Record<string, FieldCheck>)) {
    check((value as Record<string, unknown>)[field], `${what}.${field}`);
  }
  return value as T;
}

/** A field that may be left out. */
export function optional(check: FieldCheck): FieldCheck {
  return (value, what) => value === undefined || check(value, what);
}

/** So many UTF-16 units, none of which some database could not carry. */
export function text(least: number, most: number): FieldCheck {
  return (value, what) => {
    if (typeof value !== "string") throw wrongType(what, "a string", value);
    if (value.length < least || value.length > most) throw outOfRange(what, `${least} to ${most} characters`, value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for
    if (/\u0000|\p{Surrogate}/u.test(value)) throw outOfRange(what, "text without NUL and lone surrogates", value);
  };
}

/** A whole number. */
export function whole(least: number, most: number): FieldCheck {
  return (value, what) => {
    if (typeof value !== "number") throw wrongType(what, "a number", value);
    if (Number.isSafeInteger(value) && value >= least && value <= most) return;
    throw outOfRange(what, `a whole number from ${least} to ${most}`, value);
  };
}

/** Epoch milliseconds. */
export const instant: FieldCheck = whole(0, 8.64e15);

/** One of these. */
export function oneOf(allowed: readonly unknown[]): FieldCheck {
  return (value, what) => {
    if (!allowed.includes(value)) throw wrongType(what, `one of ${allowed.join(", ")}`, value);
  };
}

/** An array that is not empty. */
export function list(check: FieldCheck): FieldCheck {
  return (value, what) => {
    if (!Array.isArray(value) || value.length === 0) throw wrongType(what, "an array that is not empty", value);
    for (const [index, item] of value.entries()) check(item, `${what}[${index}]`);
  };
}

/** A record of at most so many values, whose names are of the same kind. */
export function record(check: FieldCheck, most: number): FieldCheck {
  return (value, what) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(what, "an object", value);
    const entries = Object.entries(value);
    if (entries.length > most) throw outOfRange(what, `of at most ${most} members`, entries.length);
    for (const [key, item] of entries) {
      check(key, `the name of a member of ${what}`);
      check(item, `${what}.${key}`);
    }
  };
}
