import { JobqError } from "@jobq/core";

/** How errors name the request at a place; an empty name is left out. */
export type NameOf = (place: number) => string;

/** Requests as callers pass them. */
export const requestName: NameOf = (place) => `requests[${place}]`;

/** Makes something of a request, whose name is in front of what is wrong with it. */
export function named<Made>(nameOf: NameOf, place: number, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw namedError(nameOf(place), error);
  }
}

/** The error with the name of what it is about; what the library does not throw itself stays as it is. */
export function namedError(name: string, cause: unknown): unknown {
  if (name === "") return cause;
  const message = `${name}: ${(cause as Partial<Error>)?.message}`;
  if (cause instanceof JobqError) return new JobqError(cause.code, message, { cause, details: cause.details });
  if (cause instanceof RangeError) return new RangeError(message, { cause });
  return cause instanceof TypeError ? new TypeError(message, { cause }) : cause;
}
