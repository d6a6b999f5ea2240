import type { Job } from "@jobq/core";
import { digest } from "../statement/digest.ts";
import type { Fields } from "../statement/rows.ts";

const LONGEST = 440;

/** A tag as it is looked up; a very long one is cut, with a digest of the whole. */
export function tagOf(name: string, value: string): string {
  const text = JSON.stringify([name, value]);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/[\ud800-\udfff]/g, "?")}${digest(text)}`;
}

/** The tags of jobs, as they are looked up, as rows. */
export function tagFields(jobs: readonly Job[]): Fields[] {
  return jobs.flatMap(({ id, tags = {} }) => {
    return Object.entries(tags).map(([name, value]) => ({ tag: tagOf(name, value), job_id: id }));
  });
}
