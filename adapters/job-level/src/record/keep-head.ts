import { copyJob, type Job, type JobHead } from "@jobq/core";
import { isInline } from "./head-record.ts";

type Draft = { -readonly [K in keyof Job]: Job[K] | undefined };

/** A copy to keep in memory: shares nothing with what it is taken from, and holds of the large parts what is small. */
export function keepHead(job: JobHead): JobHead {
  const copy = copyJob(job) as Draft;
  if (!isInline(copy.payload)) copy.payload = undefined;
  if (!isInline(copy.result)) copy.result = undefined;
  return copy as JobHead;
}

/** A copy to hand out: the head alone, sharing nothing with what it is taken from. */
export function handOutHead(job: JobHead): JobHead {
  const copy = keepHead(job) as Draft;
  copy.payload = undefined;
  copy.result = undefined;
  return copy as JobHead;
}
