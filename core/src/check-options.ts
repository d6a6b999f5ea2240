import { wrongType } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";

/** The names of all options of a type; the compiler checks that none is missing. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks that the options of a call are an object, or left out, and contain only `known` ones.
 * @param what their name in the message
 * @throws {TypeError} not an object, or an unknown option; the message suggests the nearest option, or lists all
 */
export function checkOptions<Options extends object>(
  options: Options | undefined,
  known: OptionNames<Options>,
  what = "options",
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw wrongType(what, "an object", options);
  for (const name in options) {
    if (!Object.hasOwn(known, name))
      throw new TypeError(`${what} must not have "${name}"; ${hint(name, Object.keys(known))}`);
  }
}

function hint(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`;
}
