import type { Job } from "@jobq/core";

const LONGEST = 440;

/** A tag as it is looked up; a very long one is cut, with a digest of the whole. */
export function tagOf(name: string, value: string): string {
  const text = JSON.stringify([name, value]);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/[\ud800-\udfff]/g, "?")}${digest(text)}`;
}

/** The tags of a job as they are looked up. */
export function tagsOf({ tags }: Job): string[] {
  return Object.entries(tags ?? {}).map(([name, value]) => tagOf(name, value));
}

/** 53 bits: two multiplicative hashes run side by side. */
function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
