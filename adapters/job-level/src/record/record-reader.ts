import type { Damage, Job, JobHead, JobId } from "@jobq/core";
import { type Level, type ReadOptions, readText, unreadable } from "@jobq/level";
import { headKey, PARTITIONS, type Partition, payloadKey, resultKey, uniqueKey } from "../layout/keys.ts";
import { readHead } from "./head-record.ts";
import { keepHead } from "./keep-head.ts";
import type { RecentHeads } from "./recent-heads.ts";

const FINISHED = (Object.keys(PARTITIONS) as Partition[]).filter((partition) => partition !== "live");

type PartialJob = JobHead & { payload?: string | undefined; result?: string | undefined };

/** The heads of the jobs that are reserved. */
export interface Reserved {
  get(id: JobId): JobHead | undefined;
}

/** Reads the records of single jobs. Reserved jobs have to be looked for in memory. */
export class RecordReader {
  readonly #level: Level;
  readonly #options: ReadOptions;
  readonly #damage: Damage;
  readonly #recent: RecentHeads | undefined;
  /** Jobs that counted as absent since their heads could not be read. */
  readonly damaged = new Set<JobId>();

  /** @param recent records of the live partition that need not be read */
  constructor(level: Level, options: ReadOptions, damage: Damage, recent?: RecentHeads) {
    this.#level = level;
    this.#options = options;
    this.#damage = damage;
    this.#recent = recent;
  }

  /** The heads of unfinished jobs; whole jobs, if asked for. */
  async live(ids: readonly JobId[], isWhole: boolean): Promise<(JobHead | Job | undefined)[]> {
    const recent = ids.map((id) => this.#recent?.get(id));
    const others = ids.filter((_, i) => recent[i] === undefined);
    const read = await this.#records(others.map((id) => headKey("live", id)));
    let next = 0;
    const heads = ids.map((id, i) => {
      const record = recent[i] ?? read[next++];
      return record === undefined ? undefined : this.#head(headKey("live", id), id, record);
    });
    if (isWhole) await this.complete(heads);
    return heads;
  }

  /** The heads of finished jobs. */
  async finished(ids: readonly JobId[]): Promise<(JobHead | undefined)[]> {
    const keys = FINISHED.flatMap((partition) => ids.map((id) => headKey(partition, id)));
    const records = await this.#records(keys);
    return ids.map((id, i) => {
      const at = records[i] === undefined ? ids.length + i : i;
      const record = records[at];
      return record === undefined ? undefined : this.#head(keys[at] as string, id, record);
    });
  }

  /** The heads of jobs in any state, those of reserved ones from memory, which is asked before this first waits. */
  async heads(ids: readonly JobId[], reserved: Reserved): Promise<(JobHead | undefined)[]> {
    const heads = new Map<JobId, JobHead>();
    for (const id of ids) {
      const head = reserved.get(id);
      if (head) heads.set(id, keepHead(head));
    }
    for (const read of [(some: JobId[]) => this.live(some, false), (some: JobId[]) => this.finished(some)]) {
      const missing = ids.filter((id) => !heads.has(id));
      for (const head of await read(missing)) if (head) heads.set(head.id, head);
    }
    return ids.map((id) => heads.get(id));
  }

  /** Fills in the payloads and results that have records of their own; a job that lacks one of them is none. */
  async complete(jobs: (JobHead | undefined)[]): Promise<void> {
    const parts = jobs.flatMap((job) => partsOf(job as PartialJob | undefined));
    const records = await this.#records(parts.map(({ key }) => key));
    parts.forEach(({ job, part, key }, i) => {
      const record = records[i];
      if (record === undefined && part === "result") return;
      const text = this.#damage.absentIfDamaged(() => {
        if (record === undefined) throw unreadable(key, record);
        return readText(key, record);
      });
      if (text !== undefined) job[part] = text;
      else if (jobs.includes(job)) jobs[jobs.indexOf(job)] = this.#absent(job.id);
    });
  }

  /** Who holds each of the unique keys. */
  async holders(uniques: readonly string[]): Promise<(JobId | undefined)[]> {
    const keys = uniques.map(uniqueKey);
    const records = await this.#records(keys);
    return records.map((record, i) =>
      record === undefined ? undefined : this.#damage.absentIfDamaged(() => readText(keys[i] as string, record)),
    );
  }

  #head(key: string, id: JobId, record: string): JobHead | undefined {
    return this.#damage.absentIfDamaged(() => readHead(key, id, record)) ?? this.#absent(id);
  }

  #absent(id: JobId): undefined {
    this.damaged.add(id);
  }

  async #records(keys: string[]): Promise<(string | undefined)[]> {
    return keys.length === 0 ? [] : this.#level.getMany(keys, this.#options);
  }
}

/** What of a job may have a record of its own. */
function partsOf(job: PartialJob | undefined): { job: PartialJob; part: "payload" | "result"; key: string }[] {
  if (!job) return [];
  const parts = [];
  if (job.payload === undefined) parts.push({ job, part: "payload" as const, key: payloadKey(job.id) });
  if (job.state === "done" && job.result === undefined) {
    parts.push({ job, part: "result" as const, key: resultKey(job.id) });
  }
  return parts;
}
