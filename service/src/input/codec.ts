/** Turns the user's data into the string that is stored, and back. Both functions may throw. */
export interface Codec {
  encode(value: unknown): string;
  decode(text: string): unknown;
  /** Encodes and decodes the text of errors that are stored with jobs; by default it is stored unchanged. */
  readonly errors?: { encode(text: string): string; decode(text: string): string } | undefined;
}

/** JSON; `undefined` is stored as the empty string. */
export const jsonCodec: Codec = {
  encode(value) {
    if (value === undefined) return "";
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`a ${typeof value} has no JSON`);
    return text;
  },
  decode: (text) => (text === "" ? undefined : JSON.parse(text)),
};
