import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService, type JobService } from "@jobq/service";
import type { Random } from "../../../../conformance/src/simulator/random.ts";

/** What was acknowledged, and how long the log was then. */
export interface Acknowledged {
  readonly what: "stored" | "done";
  /** Of one unit. */
  readonly ids: readonly JobId[];
  readonly logBytes: number;
}

const UNITS = 60;
const JOBS_PER_UNIT = 3;

/** A fused service over the directory, fsynced. */
export function openService(path: string): JobService {
  return createService({ jobs: levelJobs(path), topics: levelTopics(path) });
}

/**
 * Works in the directory, one unit after the other; leaves in `remains` the files that would be there if the process
 * had been killed then.
 */
export async function workAndDie(path: string, remains: string): Promise<Acknowledged[]> {
  const service = openService(path);
  const acknowledged: Acknowledged[] = [];
  const note = async (what: Acknowledged["what"], ids: readonly JobId[]): Promise<void> => {
    acknowledged.push({ what, ids, logBytes: (await stat(await newestLog(path))).size });
  };
  for (let unit = 0; unit < UNITS; unit++) {
    const request = { topic: "work", payload: { unit, text: "x".repeat(unit * 40) } };
    const receipts = await service.enqueueMany(Array.from({ length: JOBS_PER_UNIT }, () => request));
    await note(
      "stored",
      receipts.map(({ id }) => id),
    );
    if (unit % 3 !== 0) continue;
    const [job] = await service.reserve("work", 1, { lease: "1h" });
    await job?.done({ unit });
    await note("done", job ? [job.id] : []);
  }
  await cp(path, remains, { recursive: true });
  await service.close();
  return acknowledged;
}

/** The log that is being written. */
export async function newestLog(path: string): Promise<string> {
  const logs = (await readdir(path)).filter((name) => name.endsWith(".log"));
  return join(path, logs.sort().at(-1) ?? "no log");
}

/** What becomes of the bytes that had not reached the disk. */
export type Tear = "missing" | "zero" | "noise";

/** Spoils a file from `offset` on. */
export async function tear(file: string, offset: number, how: Tear, random: Random): Promise<void> {
  const bytes = await readFile(file);
  if (how === "zero") bytes.fill(0, offset);
  if (how === "noise") random.fill(bytes.subarray(offset));
  await writeFile(file, how === "missing" ? bytes.subarray(0, offset) : bytes);
}
