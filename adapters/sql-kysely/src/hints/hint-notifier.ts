import { type Clock, type JobId, type MonotonicClock, monotonicOf, type Topic } from "@jobq/core";
import type { Executor, SqlSession } from "../session/sql-session.ts";
import { toRows } from "../statement/rows.ts";
import { type Statement, statement, type Values } from "../statement/statement.ts";
import { channelOf, toPayloads } from "./hint-channel.ts";

/**
 * The pause after a notification; what happens in it shares the next. It doubles while there is such, so that jobs
 * which come now and then are told of at once, and a busy process takes the lock of NOTIFY 50 times a second at most.
 */
const SHORTEST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 20;

/** Who tells what is written in a user's transaction: nobody, so that its own process hears it as well. */
const NOBODY = "-";

/** Gives other processes hints, soon after; never holds up or fails what they are about. */
export class HintNotifier {
  /** Tells our own notifications from those of others. */
  readonly #sender: () => string;
  readonly #session: SqlSession;
  readonly #clock: MonotonicClock;
  readonly #notify: Statement;
  #topics = new Set<Topic>();
  #ended = new Set<JobId>();
  #pauseMs = SHORTEST_PAUSE_MS;
  #quiet = false;

  constructor(session: SqlSession, clock: Clock, sender: () => string) {
    this.#session = session;
    this.#clock = monotonicOf(clock);
    this.#sender = sender;
    const { dialect } = session.layout;
    const rows = dialect.added(":rows", "i", { payload: "text" });
    const notify = `select pg_notify(${channelOf(session.layout)}, i.payload) from ${rows}`;
    this.#notify = statement(dialect, notify, "lasting");
  }

  /** At once, or with the next ones when the last were sent a moment ago. */
  pushed(topics: Iterable<Topic>): void {
    for (const topic of topics) this.#topics.add(topic);
    this.#start();
  }

  /** The same of jobs that have ended or are gone. */
  ended(ids: Iterable<JobId>): void {
    for (const id of ids) this.#ended.add(id);
    this.#start();
  }

  /** With a transaction of the user's: when it commits, if it does. */
  async toldIn(executor: Executor, topics: Iterable<Topic>, ended: Iterable<JobId>): Promise<void> {
    const payloads = toPayloads(NOBODY, topics, ended);
    if (payloads.length > 0) await executor.run(this.#notify, valuesOf(payloads));
  }

  #start(): void {
    if (!this.#quiet && this.#topics.size + this.#ended.size > 0) this.#send();
  }

  #send(): void {
    const values = valuesOf(toPayloads(this.#sender(), this.#topics, this.#ended));
    this.#topics = new Set();
    this.#ended = new Set();
    this.#quiet = true;
    const sent = (): void => {
      this.#clock.after(this.#pauseMs, () => this.#goOn(), true);
    };
    // Only a hint: a process that misses it looks by itself.
    this.#session.use(() => this.#session.write(this.#notify, values)).then(sent, sent);
  }

  #goOn(): void {
    this.#quiet = false;
    const busy = this.#topics.size + this.#ended.size > 0;
    this.#pauseMs = busy ? Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS;
    if (busy) this.#send();
  }
}

function valuesOf(payloads: readonly string[]): Values {
  return { rows: toRows(payloads.map((payload) => ({ payload }))) };
}
