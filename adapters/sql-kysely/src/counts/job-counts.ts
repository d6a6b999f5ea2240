import type { Tally, Topic } from "@jobq/core";
import type { JobWriter } from "../commit/job-writer.ts";
import type { RowReader } from "../job/row-reader.ts";
import type { SqlSession } from "../session/sql-session.ts";
import { toRows } from "../statement/rows.ts";
import { type Row, type Statement, statement } from "../statement/statement.ts";
import { fromText } from "../statement/text.ts";
import type { Bucket } from "./count-deltas.ts";

/** After so many commits of ours, or once a reader meets so many rows more than there are counts, rows are summed up. */
const COMMITS_PER_FOLD = 256;
const MAX_EXCESS_ROWS = 1_000;

/** One transaction sums up rows of so many topics, and so many rows; the next follows when there were more than a few. */
const TOPICS_PER_FOLD = 1_000;
const ROWS_PER_FOLD = 4_000;
const WORTH_ANOTHER = 500;

/** How many jobs of a topic are in a bucket. */
export interface Count {
  readonly topic: Topic;
  readonly bucket: Bucket;
  readonly count: number;
}

/**
 * How many jobs there are of each topic and bucket. Every commit adds rows that say what moved, so that commits never wait for
 * each other's counts; what they come to is the count, and now and then some of them are replaced by their sum.
 */
export class JobCounts {
  readonly #session: SqlSession;
  readonly #reader: RowReader;
  readonly #sums: Statement;
  readonly #foldable: Statement;
  readonly #drop: Statement;
  readonly #add: Statement;
  #commits = 0;
  #folding = false;

  /** @param writer whose statement adds rows, and who reads the names of topics */
  constructor(session: SqlSession, { statements, reader }: JobWriter) {
    this.#session = session;
    this.#reader = reader;
    const { dialect, tables } = session.layout;
    const make = (text: string): Statement => statement(dialect, text);
    this.#add = statements.count;
    this.#sums = make(
      `select topic, source, target, sum(n) as n, count(*) as parts from ${tables.counts} group by topic, source, target`,
    );
    this.#foldable = make(
      `select j.seq, j.topic, j.source, j.target, j.n from (select topic from ${tables.counts} group by topic
         having max(source) <> '' or count(*) > count(distinct target) order by count(*) desc limit ${TOPICS_PER_FOLD}) as t
       ${dialect.join} ${tables.counts} as j on j.topic = t.topic limit :limit ${dialect.lockFree}`,
    );
    this.#drop = make(dialect.remove(tables.counts, ["seq"], dialect.sought(":rows", "i", { seq: "big" })));
  }

  /** The count of each topic and bucket that is not 0. */
  async read(): Promise<Count[]> {
    const rows = await this.#session.run(this.#sums);
    const counts = balance(rows);
    const parts = rows.reduce((parts, row) => parts + Number(row.parts), 0);
    if (parts > counts.length + MAX_EXCESS_ROWS) this.#foldSoon();
    return counts.flatMap(({ topic, bucket, count }) => {
      return this.#reader.read(topic, () => ({ topic: fromText(topic), bucket, count })) ?? [];
    });
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

  /**
   * Replaces rows by their sums, those of the topics that have most first; of a topic without jobs nothing is left.
   * Whatever rows it locks and takes away, their sum stays, so commits and other processes may do what they like
   * meanwhile. Even rows that do not become fewer are replaced, so that they make way for those of other topics. Returns
   * how many it replaced.
   */
  async fold(): Promise<number> {
    return this.#session.transaction(async (executor) => {
      const rows = await executor.run(this.#foldable, { limit: ROWS_PER_FOLD });
      const sums = balance(rows).map(({ topic, bucket, count }) => ({ topic, source: "", target: bucket, n: count }));
      if (rows.length === 0) return 0;
      await executor.run(this.#drop, { rows: toRows(rows.map(({ seq }) => ({ seq: Number(seq) }))) });
      if (sums.length > 0) await executor.run(this.#add, { deltas: toRows(sums) });
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
    this.#foldAll().then(done, done);
  }

  async #foldAll(): Promise<void> {
    while ((await this.#session.use(() => this.fold())) > WORTH_ANOTHER);
  }
}

/** What rows of deltas come to. */
function balance(rows: readonly Row[]): Count[] {
  const counts = new Map<string, { topic: Topic; bucket: Bucket; count: number }>();
  const add = (topic: string, bucket: string, n: number): void => {
    if (bucket === "") return;
    const key = `${bucket} ${topic}`;
    const count = counts.get(key);
    if (count) count.count += n;
    else counts.set(key, { topic, bucket: bucket as Bucket, count: n });
  };
  for (const { topic, source, target, n } of rows as readonly Readonly<Record<string, string>>[]) {
    add(topic as string, source as string, -Number(n));
    add(topic as string, target as string, Number(n));
  }
  return [...counts.values()].filter(({ count }) => count !== 0);
}
