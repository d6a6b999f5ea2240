import { Damage, type Job, type JobHead, JobqError } from "@jobq/core";
import type { Row } from "../statement/statement.ts";
import { headOf, jobOf } from "./job-rows.ts";

/** Reads what is stored. A job in whose row something makes no sense counts as absent, and `damage` tells of it. */
export class RowReader {
  readonly damage = new Damage();

  head(row: Row): JobHead | undefined {
    return this.read(row.id as string, () => headOf(row));
  }

  heads(rows: readonly Row[]): JobHead[] {
    return rows.flatMap((row) => this.head(row) ?? []);
  }

  job(row: Row): Job | undefined {
    return this.read(row.id as string, () => jobOf(row));
  }

  jobs(rows: readonly Row[]): Job[] {
    return rows.flatMap((row) => this.job(row) ?? []);
  }

  /**
   * What `read` returns; undefined where it makes no sense of what is stored.
   * @param key names it
   */
  read<T>(key: string, read: () => T): T | undefined {
    return this.damage.absentIfDamaged(() => {
      try {
        return read();
      } catch (cause) {
        const message = `what is stored of ${key} makes no sense (${cause instanceof Error ? cause.message : cause})`;
        throw new JobqError("STORE_FAILED", message, { cause, details: { key } });
      }
    });
  }

  /**
   * The first `limit` rows that make sense of those that `ask` finds, which is asked for more while some do not.
   * @param make reads a row
   */
  async first<T>(
    limit: number,
    ask: (limit: number) => Promise<readonly Row[]>,
    make: (row: Row) => T | undefined,
  ): Promise<T[]> {
    for (let asked = limit; ; ) {
      const rows = await ask(asked);
      const found = rows.flatMap((row) => make(row) ?? []);
      if (found.length >= limit || rows.length < asked) return found.slice(0, limit);
      asked = limit + rows.length - found.length;
    }
  }
}
