import { JobqError } from "@jobq/core";
import { prefixOf, rootOf } from "./database-identity.ts";
import { takeDatabase } from "./database-lock.ts";
import type { Level } from "./level.ts";
import { statesOf } from "./process-registry.ts";

/** An open database, and the state that its users keep in memory. */
export interface Opened<S> {
  readonly level: Level;
  readonly state: S;
}

/** A repository that uses such a state. */
export interface SharedStateUser {
  /** Whether it had the database open before: then it follows the owner, and does not open what was closed. */
  readonly hasOpened: boolean;
  /** The database, unless it cannot be had any more. */
  find(): Promise<Level>;
}

/** Marks a database whose log may be torn, across all who share the object. */
const TORN = Symbol.for("jobq.level.torn");
/** Counts the writes that failed on it. */
const FAILURES = Symbol.for("jobq.level.failures");
type Marked = { [TORN]?: boolean; [FAILURES]?: number };

/**
 * What the repositories of one kind over one database have in common: what is kept in memory of it, and that one step
 * is done at a time. A write that the disk refused may leave half a record in LevelDB's log, and what is appended
 * behind it is lost at the next opening; so the database is opened anew, and `S` with it, before anything else is done. After any other write that
 * failed nobody knows what is stored, so `S` is read anew.
 */
export class SharedState<S> {
  readonly #level: Level;
  readonly #root: Level & Marked;
  readonly #load: (level: Level) => Promise<S>;
  #opened: Opened<S> | undefined;
  /** How many writes had failed when it was read. */
  #readAfter = 0;
  #opening: Promise<Opened<S>> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #users = 0;

  private constructor(level: Level, load: (level: Level) => Promise<S>) {
    this.#level = level;
    this.#root = rootOf(level);
    this.#load = load;
  }

  /** That of the repositories of this kind over the database, which has one more user now. */
  static attach<S>(level: Level, kind: string, load: (level: Level) => Promise<S>): SharedState<S> {
    const states = statesOf(rootOf(level));
    const key = keyOf(level, kind);
    const shared = (states.get(key) as SharedState<S> | undefined) ?? new SharedState(level, load);
    states.set(key, shared);
    if (shared.#users++ === 0) level.on?.("closed", shared.#forget);
    else shared.#last = shared.#last.then(shared.#forget); // The next one begins with what is stored.
    return shared;
  }

  /** One user less; the next one begins anew when that was the last. */
  detach(kind: string): void {
    if (--this.#users > 0) return;
    this.#level.off?.("closed", this.#forget);
    statesOf(this.#root).delete(keyOf(this.#level, kind));
  }

  /** The database and the state as they are, while both can be used. */
  get current(): Opened<S> | undefined {
    return this.#opened && !this.#root[TORN] ? this.#opened : undefined;
  }

  /** The same, unless a write has failed since. */
  get #known(): Opened<S> | undefined {
    return this.#readAfter === (this.#root[FAILURES] ?? 0) ? this.current : undefined;
  }

  /** Opens the database if need be. */
  async open(user: SharedStateUser): Promise<Opened<S>> {
    if (this.#known) return this.#known;
    this.#opening ??= this.#start(user).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Does `work` when everything asked for before is done, and nothing else meanwhile. */
  exclusive<T>(user: SharedStateUser, work: (opened: Opened<S>) => Promise<T>): Promise<T> {
    const answer = this.#last.then(async () => work(this.#known ?? (await this.open(user))));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Whether what was appended to the log last may be lost. */
  get isTorn(): boolean {
    return this.#root[TORN] === true;
  }

  /**
   * A write failed.
   * @param isTorn whether what is appended to the log may be lost
   */
  markFailed(isTorn: boolean): void {
    this.#root[FAILURES] = (this.#root[FAILURES] ?? 0) + 1;
    if (isTorn) this.#root[TORN] = true;
  }

  async #start(user: SharedStateUser): Promise<Opened<S>> {
    await user.find();
    const [level, root] = [this.#level, this.#root];
    this.#opened = undefined;
    if (root[TORN]) await root.close();
    else if (user.hasOpened && root.status === "closed") throw new JobqError("STORE_FAILED", "the database was closed");
    if (root[TORN] && root !== level) await root.open(); // A sublevel does not open what it is a part of.
    await takeDatabase(level);
    root[TORN] = false;
    this.#readAfter = root[FAILURES] ?? 0;
    this.#opened = { level, state: await this.#load(level) };
    return this.#opened;
  }

  readonly #forget = (): void => {
    this.#opened = undefined;
  };
}

function keyOf(level: Level, kind: string): string {
  return `${kind} ${prefixOf(level)}`;
}
