/** Texts that a store may stumble over: separators, quotes, patterns, scripts of all widths. */
export const UNUSUAL: readonly string[] = [
  "a/b!c~d%",
  "a/b",
  "a!b:c|d",
  "%",
  "_",
  "it's",
  '"quoted"',
  "back\\slash",
  "`tick` $x $1 ? :name {0}",
  "'; drop table jobs; --",
  "a.b[0]$",
  "line\nfeed\ttab",
  "  spaces  ",
  "null",
  "0",
  "__proto__x",
  "constructor",
  "grüße",
  "日本語",
  "עברית",
  "👩‍👩‍👧 🎉",
  "\u{10ffff}\uffee\ufeff\u2028",
  "x".repeat(120),
];

/** Texts that a lenient comparison takes for each other, or for one of the unusual ones. */
export const ALIKE: readonly string[] = [
  "name",
  "Name",
  "NAME",
  "name ",
  " name",
  "e\u0301",
  "\u00e9",
  "e",
  "ß",
  "ss",
  "ａ",
  "a",
  "00",
  "0.0",
  "A/B",
];

/** Every control character but NUL. */
export const CONTROLS: string = `${String.fromCharCode(...Array.from({ length: 31 }, (_, index) => index + 1))}\u007f\u0080\u009f`;

/** The most UTF-16 units that a name, topic, key, tag or holder may have. */
export const LONGEST_NAME = 255;

/** Texts as long as names may be, of one to four bytes a character; each two of a kind differ in the last one. */
export function longTexts(): string[] {
  const heads = ["x".repeat(LONGEST_NAME - 1), "\u00fc".repeat(LONGEST_NAME - 1), "\u65e5".repeat(LONGEST_NAME - 1)];
  const pairs = "\u{1f389}".repeat((LONGEST_NAME - 1) / 2);
  return [...heads, pairs].flatMap((head) => [`${head}1`, `${head}2`]);
}

/** Ids that a lenient store takes for each other. */
export const SPECIAL_IDS: readonly string[] = [
  "a",
  "A",
  "?",
  "%",
  "_",
  "a?",
  "0",
  "00",
  "1e0",
  "null",
  "'\"`\\",
  "!#$&()*+,-./:;<=>@[]^{|}~",
  "x".repeat(63),
  "x".repeat(64),
  `${"x".repeat(63)}X`,
  "__proto__",
];

/** What is no id: some database would cut it, trim it, or spell it like one that it has. */
export const NO_IDS: readonly string[] = [
  "",
  "x".repeat(65),
  "a ",
  " a",
  "a\n",
  "\u00e9",
  "a\u00e9",
  "\u{1f389}",
  "a\u0000",
  "\ud800",
];
