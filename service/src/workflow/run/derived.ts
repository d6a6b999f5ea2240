import { hash128 } from "../../module.ts";

/** From 0 up to 1, the same for the same text. */
export function derivedNumber(text: string): number {
  const [high = 0, low = 0] = hash128(text);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** A UUID in the form of a random one, the same for the same text. */
export function derivedUuid(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = hash128(text);
  const version = hex(0x4000 | (b & 0xfff), 4);
  const variant = hex(0x8000 | (c >>> 18), 4);
  return `${hex(a, 8)}-${hex(b >>> 16, 4)}-${version}-${variant}-${hex(c & 0xffff, 4)}${hex(d, 8)}`;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, "0");
}
