import { wrongType } from "./errors.ts";

/** The names of all options there are: the compiler sees to it that none is forgotten. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks the options of a call: an object, or left out, that has no others than those `known`.
 * @param what names them in the message
 * @throws {TypeError} no object; or an option that there is not, for which the message names the nearest that there is
 */
export function checkOptions<Options extends object>(
  options: Options | undefined,
  known: OptionNames<Options>,
  what = "options",
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) throw wrongType(what, "an object", options);
  for (const name in options) {
    if (Object.hasOwn(known, name)) continue;
    throw new TypeError(`${what} must not have "${name}"; did you mean "${nearestName(name, Object.keys(known))}"?`);
  }
}

/** The name that fewest single letters have to be changed, added or taken away to get; upper case counts as lower. */
function nearestName(name: string, names: readonly string[]): string | undefined {
  const distances = new Map(names.map((other) => [other, distance(name.toLowerCase(), other.toLowerCase())]));
  return [...names].sort((a, b) => (distances.get(a) as number) - (distances.get(b) as number))[0];
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}
