import { durationText } from "./time.ts";

/** A policy as it is kept with a job. */
export interface KeptPolicy {
  readonly type: string;
  readonly min: number;
  readonly max: number;
  readonly factor: number;
}

/** How a job is tried again, in words. */
export function policyText({ type, min, max, factor }: KeptPolicy): string {
  if (type === "constant" || min === max) return `every ${durationText(min)}`;
  const growth = type === "exponential" ? `times ${factor} each` : "growing";
  return `after ${durationText(min)}, ${growth}, up to ${durationText(max)}`;
}
