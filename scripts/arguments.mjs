/**
 * A whole number of the command line. One that is misspelled would have nothing played, and that pass.
 * @param {string} option
 * @param {string} text
 */
export function wholeNumber(option, text) {
  if (!/^\d+$/.test(text)) throw new RangeError(`${option} must be a whole number, got ${text}`);
  return Number(text);
}

/**
 * A word of the command line that has to be among those there are.
 * @template {string} Word
 * @param {string} option
 * @param {readonly Word[]} words
 * @param {string} text
 */
export function oneOf(option, words, text) {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new RangeError(`${option} must be one of ${words.join("; ")}, got ${text}`);
  return found;
}

/**
 * What the command line says. Where that cannot be, the process ends with 2, and says why.
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
export function commandLine(read) {
  try {
    return read();
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(2);
  }
}
