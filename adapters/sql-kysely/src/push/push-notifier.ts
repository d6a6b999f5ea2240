import { type Clock, type JobHead, type MonotonicClock, monotonicOf, type Topic } from "@jobq/core";
import type { Executor, SqlSession } from "../session/sql-session.ts";
import { toRows } from "../statement/rows.ts";
import { type Statement, statement } from "../statement/statement.ts";
import { toPayload } from "./push-channel.ts";
import type { ReadyWatcher } from "./ready-jobs.ts";

/**
 * The pause after a notification; what is pushed in it shares the next. It doubles while there is such, so that jobs
 * which come now and then are told of at once, and a busy process takes the lock of NOTIFY 50 times a second at most.
 */
const SHORTEST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 20;

/** Tells other processes that jobs were pushed, soon after; never holds up or fails what pushed them. */
export class PushNotifier implements ReadyWatcher {
  /** Tells our own notifications from those of others. */
  readonly #sender: () => string;
  readonly #session: SqlSession;
  readonly #clock: MonotonicClock;
  readonly #channel: string;
  readonly #notify: Statement;
  #waiting = new Set<Topic>();
  #pauseMs = SHORTEST_PAUSE_MS;
  #quiet = false;

  constructor(session: SqlSession, clock: Clock, channel: string, sender: () => string) {
    this.#session = session;
    this.#clock = monotonicOf(clock);
    this.#channel = channel;
    this.#sender = sender;
    const { dialect } = session.layout;
    const rows = dialect.rows(":rows", "i", { payload: "text" });
    this.#notify = statement(dialect, `select pg_notify(:channel, i.payload) from ${rows}`);
  }

  readied(jobs: readonly JobHead[]): void {
    this.pushed(jobs.map(({ topic }) => topic));
  }

  /** At once, or with the next ones when the last were sent a moment ago. */
  pushed(topics: Iterable<Topic>): void {
    for (const topic of topics) this.#waiting.add(topic);
    if (!this.#quiet && this.#waiting.size > 0) this.#send();
  }

  /** With a transaction of the user's: when it commits, if it does. */
  async pushedIn(executor: Executor, topics: Iterable<Topic>): Promise<void> {
    const payloads = [...topics].map((topic) => ({ payload: toPayload({ sender: "-", topic }) }));
    if (payloads.length > 0) await executor.run(this.#notify, { channel: this.#channel, rows: toRows(payloads) });
  }

  #send(): void {
    const sender = this.#sender();
    const rows = toRows([...this.#waiting].map((topic) => ({ payload: toPayload({ sender, topic }) })));
    this.#waiting = new Set();
    this.#quiet = true;
    const sent = (): void => {
      this.#clock.after(this.#pauseMs, () => this.#goOn(), true);
    };
    // Only a hint: whoever misses it looks by himself.
    this.#session.use(() => this.#session.write(this.#notify, { channel: this.#channel, rows })).then(sent, sent);
  }

  #goOn(): void {
    this.#quiet = false;
    const busy = this.#waiting.size > 0;
    this.#pauseMs = busy ? Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS;
    if (busy) this.#send();
  }
}
