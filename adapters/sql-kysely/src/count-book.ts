import type { Tally, Topic } from "@jobq/core";
import type { Bucket } from "./counts.ts";
import { toRows } from "./rows.ts";
import type { SqlSession } from "./session.ts";
import { type Statement, statement } from "./statement.ts";
import { fromText } from "./text.ts";

/** After so many commits of ours, or at so many rows, the rows are summed up. */
const COMMITS_PER_FOLD = 256;
const ROWS_PER_FOLD = 2_000;

/**
 * How many jobs there are of each topic and bucket. Every commit adds rows of changes, so that commits never wait for
 * each other's counts; the sum of all rows is the count, and now and then some of them are replaced by their sum.
 */
export class CountBook {
  readonly #session: SqlSession;
  readonly #sums: Statement;
  readonly #oldest: Statement;
  readonly #drop: Statement;
  readonly #add: Statement;
  #commits = 0;
  #folding = false;

  constructor(session: SqlSession, add: Statement) {
    this.#session = session;
    const { dialect, tables } = session.layout;
    const make = (text: string): Statement => statement(dialect, text);
    this.#add = add;
    this.#sums = make(
      `select topic, bucket, sum(n) as n, count(*) as parts from ${tables.counts} group by topic, bucket`,
    );
    this.#oldest = make(
      `select j.seq, j.topic, j.bucket, j.n from ${tables.counts} as j order by j.seq limit :limit ${dialect.lockFree}`,
    );
    this.#drop = make(dialect.remove(tables.counts, "seq", dialect.rows(":rows", "i", { id: "big" })));
  }

  /** The count of each topic and bucket that is not 0. */
  async read(): Promise<{ topic: Topic; bucket: Bucket; count: number }[]> {
    const rows = await this.#session.run(this.#sums);
    if (rows.reduce((parts, row) => parts + Number(row.parts), 0) > ROWS_PER_FOLD) this.#foldSoon();
    return rows
      .map(({ topic, bucket, n }) => ({ topic: fromText(topic as string), bucket: bucket as Bucket, count: Number(n) }))
      .filter(({ count }) => count !== 0);
  }

  /** How many jobs of each topic are in each state. */
  async tally(): Promise<Tally[]> {
    const tallies = new Map<string, Tally>();
    for (const { topic, bucket, count } of await this.read()) {
      const state = bucket === "blocked" ? "delayed" : bucket;
      const key = JSON.stringify([topic, state]);
      tallies.set(key, { topic, state, count: count + (tallies.get(key)?.count ?? 0) });
    }
    return [...tallies.values()].filter(({ count }) => count !== 0);
  }

  /** Says that a commit has added rows. */
  grown(): void {
    this.#commits += 1;
    if (this.#commits % COMMITS_PER_FOLD === 0) this.#foldSoon();
  }

  /** Replaces rows by their sums; answers how many. */
  async fold(): Promise<number> {
    return this.#session.transaction(async (executor) => {
      const rows = await executor.run(this.#oldest, { limit: 2 * ROWS_PER_FOLD });
      const sums = new Map<string, { topic: string; bucket: string; n: number }>();
      for (const { topic, bucket, n } of rows as readonly { topic: string; bucket: string; n: unknown }[]) {
        const key = `${bucket} ${topic}`;
        sums.set(key, { topic, bucket, n: Number(n) + (sums.get(key)?.n ?? 0) });
      }
      const left = [...sums.values()].filter(({ n }) => n !== 0);
      if (left.length === rows.length) return 0;
      await executor.run(this.#drop, { rows: toRows(rows.map(({ seq }) => ({ id: Number(seq) }))) });
      if (left.length > 0) await executor.run(this.#add, { deltas: toRows(left) });
      return rows.length;
    });
  }

  /** In the background; when it fails nothing is lost, and a later one does its work. */
  #foldSoon(): void {
    if (this.#folding) return;
    this.#folding = true;
    const done = (): void => {
      this.#folding = false;
    };
    this.#session.use(() => this.fold()).then(done, done);
  }
}
