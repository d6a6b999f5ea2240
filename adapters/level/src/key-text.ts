// A key is text in UTF-8, whose bytes sort by code point; strings in JavaScript compare by UTF-16 unit, and may hold
// halves of surrogate pairs, which UTF-8 has no bytes for. So the units from here up are spelled as two lower ones.
const HIGH = 0xd7ff;
const HIGH_MARK = "\ud7ff";
// NUL ends a text inside a key, so NUL and the mark that spells it are spelled as well.
const LOW_MARK = "\u0001";

/** Ends a text within a key. Sorts before every character that {@link keyText} returns. */
export const END = "\0";

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones to be spelled.
const PLAIN = /^[\u0002-\ud7fe]*$/;

/** Encodes any string for use in a key, in the order of the strings; {@link textOfKey} decodes it. */
export function keyText(text: string): string {
  if (PLAIN.test(text)) return text;
  let spelled = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= HIGH) spelled += HIGH_MARK + String.fromCharCode(unit - HIGH + 1);
    else if (unit <= 1) spelled += LOW_MARK + String.fromCharCode(unit + 1);
    else spelled += text[i];
  }
  return spelled;
}

/** Returns the string that {@link keyText} has encoded. */
export function textOfKey(spelled: string): string {
  if (PLAIN.test(spelled)) return spelled;
  let text = "";
  for (let i = 0; i < spelled.length; i++) {
    const mark = spelled[i];
    if (mark === HIGH_MARK) text += String.fromCharCode(spelled.charCodeAt(++i) + HIGH - 1);
    else if (mark === LOW_MARK) text += String.fromCharCode(spelled.charCodeAt(++i) - 1);
    else text += mark;
  }
  return text;
}

const LOWEST_WEIGHT = -32_768;

/** The length of what {@link weightText} returns. */
export const WEIGHT_LENGTH = 4;

/** Encodes an int16 for use in a key, in the order of the numbers. */
export function weightText(weight: number): string {
  return (weight - LOWEST_WEIGHT).toString(16).padStart(WEIGHT_LENGTH, "0");
}
