import { type Clock, JobqError, type MonotonicClock, monotonicOf } from "@jobq/core";
import { fromPayload, type Hint } from "./hint-channel.ts";

/** A connection to listen on, such as a connected client of `pg`. */
export interface ListenClient {
  query(text: string): Promise<unknown>;
  on(event: "notification", listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: "error" | "end", listener: (error?: unknown) => void): unknown;
  end(): Promise<void>;
}

/** Returns a connection to listen on. Called again when it has broken. */
export type ListenConnect = () => Promise<ListenClient>;

/** How often a silent connection is asked whether it is still there, and how long it may take to say so. */
const WATCH_EVERY_MS = 20_000;
const ANSWER_WITHIN_MS = 5_000;
const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

/** Somebody who wants to hear what other processes do. */
export interface Listener {
  readonly heard: (hint: Hint) => void;
  /** Told once it is listened, for the first time or again: something may have been told before. */
  readonly missed: (again: boolean) => unknown;
  /** Told when the connection breaks, or cannot be had. */
  readonly failed: ((error: unknown) => void) | undefined;
}

/** Hears the hints of other processes, over a connection of its own that it makes again whenever it breaks. */
export class HintListener {
  readonly #connect: ListenConnect;
  readonly #clock: MonotonicClock;
  readonly #channel: () => Promise<string>;
  readonly #self: () => string;
  readonly #listeners = new Set<Listener>();
  #running: Promise<void> | undefined;
  #interrupt: (() => void) | undefined;
  #isListening = false;
  #closed = false;

  /**
   * @param channel resolves to its name
   * @param self the sender whose notifications are not passed on
   */
  constructor(connect: ListenConnect, clock: Clock, channel: () => Promise<string>, self: () => string) {
    this.#connect = connect;
    this.#clock = monotonicOf(clock);
    this.#channel = channel;
    this.#self = self;
  }

  /** Has the listener told from now on, until the function that is returned is called. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (!this.#closed) this.#running ??= this.#run();
    if (this.#isListening) void listener.missed(false);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#interrupt?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closed; failures += 1) {
      const began = this.#clock.elapsed();
      try {
        await this.#listen(failures > 0);
      } catch (error) {
        for (const { failed } of this.#listeners) failed?.(error);
      }
      if (this.#clock.elapsed() - began > LONGEST_RETRY_MS) failures = 0;
      await this.#wait(Math.min(SHORTEST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS));
    }
  }

  async #listen(again: boolean): Promise<void> {
    const channel = await this.#channel();
    const client = await this.#connect();
    try {
      await this.#hear(client, channel, again);
    } finally {
      this.#isListening = false;
      await client.end().catch(() => undefined); // a broken one may say so once more
    }
  }

  /** Listens until it is closed; rejects when the connection breaks or does not answer any more. */
  async #hear(client: ListenClient, channel: string, again: boolean): Promise<void> {
    let broken: unknown;
    const breaks = (error?: unknown): void => {
      broken ??= error ?? new JobqError("STORE_FAILED", "the connection that is listened on has ended");
      this.#interrupt?.();
    };
    client.on("error", breaks);
    client.on("end", () => breaks());
    client.on("notification", ({ payload }) => {
      const hint = fromPayload(payload);
      if (hint && hint.sender !== this.#self()) for (const { heard } of this.#listeners) heard(hint);
    });
    await this.#answered(client.query(`listen "${channel}"`));
    this.#isListening = true;
    await Promise.all([...this.#listeners].map(({ missed }) => missed(again)));
    while (!this.#closed) {
      if (broken) throw broken;
      await this.#wait(WATCH_EVERY_MS);
      if (!broken && !this.#closed) await this.#answered(client.query("select 1"));
    }
  }

  /** Rejects when there is no answer in time. */
  #answered(query: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error("the connection does not answer"));
      const cancel = this.#clock.after(ANSWER_WITHIN_MS, late, true);
      const end = (settle: (error: unknown) => void) => (answer: unknown) => {
        cancel();
        settle(answer);
      };
      query.then(
        end(() => resolve()),
        end(reject),
      );
    });
  }

  /** Waits, unless it is interrupted or closed. */
  #wait(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve, true);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }
}
