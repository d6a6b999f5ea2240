/** Text that every store can keep: NUL and lone surrogates become U+FFFD. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for
  return text.replace(/\u0000|\p{Surrogate}/gu, "\ufffd");
}
