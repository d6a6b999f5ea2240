import { wrongType } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";

/** The names of all options there are: the compiler sees to it that none is forgotten. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks the options of a call: an object, or left out, that has no others than those `known`.
 * @param what names them in the message
 * @throws {TypeError} no object; or an option that there is not, for which the message names the one that was meant, or
 * all that there are
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
