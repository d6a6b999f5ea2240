/** A whole number of the command line. One that is misspelled would have nothing played, and that pass. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${option} must be a whole number, got ${text}`);
  return Number(text);
}

/** A word of the command line that has to be among those there are. */
export function oneOf<Word extends string>(option: string, words: readonly Word[], text: string): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new RangeError(`${option} must be one of ${words.join("; ")}, got ${text}`);
  return found;
}
