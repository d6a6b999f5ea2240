import { JobqError } from "@jobq/core";
import { type ChainedBatch, type Level, type LevelBatch, type LevelSnapshot, type ReadOptions, UTF8 } from "./level.ts";
import { classicLevel, hold, open } from "./open.ts";

/** How a repository uses its database. */
export interface LevelStoreOptions<S> {
  /** What the repository is called in messages. */
  readonly name: string;
  /** Whether a write waits until the disk has it. */
  readonly sync: boolean;
  /** Reads what is kept in memory, after each opening. */
  load(level: Level): Promise<S>;
}

/** A database that is open, and what its user keeps in memory of it. */
export interface Opened<S> {
  readonly level: Level;
  readonly state: S;
}

/** Marks a database whose log may be torn, across all who share the object. */
const TORN = Symbol.for("jobq.level.torn");
type Torn = { [TORN]?: boolean };

const ignore = (): void => {};

/**
 * One database as one repository uses it: opened when it is first needed, changed by one step at a time, read as of
 * one instant. A write that the disk refused may leave half a record in LevelDB's log, and what is appended behind it
 * is lost at the next opening; so the database is opened anew, and `S` with it, before anything else is done.
 */
export class LevelStore<S> {
  readonly #options: LevelStoreOptions<S>;
  readonly #reads = new Set<Promise<unknown>>();
  #find: () => Promise<Level>;
  #owned: boolean;
  #level: Level | undefined;
  #opened: Opened<S> | undefined;
  #opening: Promise<Opened<S>> | undefined;
  #letGo: (() => Promise<void>) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** @param source a path, opened and closed here, or a database, which is opened if need be and left open */
  constructor(source: string | Level, options: LevelStoreOptions<S>) {
    this.#options = options;
    this.#owned = typeof source === "string";
    this.#find = typeof source === "string" ? classicLevel(source, options.name) : async () => source;
  }

  /** Uses the database of somebody else, who opens and closes it, unless one is in use already. */
  borrow(find: () => Promise<Level>): void {
    if (this.#level) return;
    this.#find = find;
    this.#owned = false;
  }

  /** The database, open. */
  async database(): Promise<Level> {
    if (this.#closing) throw this.#closedError();
    const { level } = this.#ready() ?? (await this.#open());
    return level;
  }

  /** Does `work` when everything asked for before is done, and nothing else meanwhile. */
  exclusive<T>(work: (opened: Opened<S>) => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(this.#closedError());
    const answer = this.#last.then(async () => work(this.#ready() ?? (await this.#open()))).catch(fail);
    this.#last = answer.catch(ignore);
    return answer;
  }

  /**
   * Reads without keeping changes waiting, where the database has snapshots. What `look` does before it first waits
   * sees the memory and the database as of the same instant, that of the snapshot in its options.
   */
  async read<T>(look: (opened: Opened<S>, options: ReadOptions) => Promise<T>): Promise<T> {
    let answer: Promise<T> | undefined;
    await this.exclusive(async (opened) => {
      const snapshot = opened.level.supports.explicitSnapshots ? opened.level.snapshot() : undefined;
      answer = lookAt(look, opened, snapshot).catch(fail);
      this.#track(answer);
      if (!snapshot) await answer;
    });
    return answer as Promise<T>;
  }

  /**
   * Makes the writes that `fill` collects, in one step; only within {@link exclusive}.
   * @param isLasting false for what nobody would miss if the machine died: that does not wait for the disk
   */
  async write(opened: Opened<S>, fill: (batch: LevelBatch) => void, isLasting = true): Promise<void> {
    const { level } = opened;
    if (this.#ready() !== opened) throw new JobqError("STORE_FAILED", "the database was opened anew meanwhile");
    const batch = level.batch();
    try {
      fill(inUtf8(level, batch));
      await batch.write({ sync: this.#options.sync && isLasting });
    } catch (error) {
      if ((error as { code?: unknown }).code === "LEVEL_IO_ERROR") (level as Torn)[TORN] = true;
      throw error;
    } finally {
      await batch.close();
    }
    // Whoever shares the database may have torn the log before this was appended.
    if ((level as Torn)[TORN]) throw new JobqError("STORE_FAILED", "a write of somebody else tore the log");
  }

  /** Lets `work` go on after the change that started it; {@link close} waits for it. */
  background(work: Promise<unknown>): void {
    this.#track(work.catch(ignore));
  }

  /** Waits for what is under way and closes the database if it was opened from a path. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#last;
    await this.#opening?.catch(ignore);
    await Promise.allSettled(this.#reads);
    this.#level?.off?.("closed", this.#forget);
    await this.#letGo?.();
    if (this.#owned) await this.#level?.close().catch(fail);
  }

  #track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.catch(ignore).finally(() => this.#reads.delete(tracked));
    this.#reads.add(tracked);
  }

  #ready(): Opened<S> | undefined {
    return this.#opened && !(this.#opened.level as Torn)[TORN] ? this.#opened : undefined;
  }

  #open(): Promise<Opened<S>> {
    this.#opening ??= this.#start().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #start(): Promise<Opened<S>> {
    this.#opened = undefined;
    const level: Level & Torn = await this.#find();
    if (level !== this.#level) level.on?.("closed", this.#forget);
    this.#level = level;
    if (level[TORN]) await level.close();
    else if (this.#letGo && level.status === "closed") throw new JobqError("STORE_FAILED", "the database was closed");
    await open(level);
    level[TORN] = false;
    this.#letGo ??= await hold(level);
    this.#opened = { level, state: await this.#options.load(level) };
    return this.#opened;
  }

  readonly #forget = (): void => {
    this.#opened = undefined;
  };

  #closedError(): JobqError {
    return new JobqError("CLOSED", `the ${this.#options.name} is closed`);
  }
}

async function lookAt<S, T>(
  look: (opened: Opened<S>, options: ReadOptions) => Promise<T>,
  opened: Opened<S>,
  snapshot: LevelSnapshot | undefined,
): Promise<T> {
  try {
    return await look(opened, snapshot ? { ...UTF8, snapshot } : UTF8);
  } finally {
    await snapshot?.close();
  }
}

/** The batch for texts. To name the encodings where they are the database's own would make each write three times as slow. */
function inUtf8(level: Level, batch: ChainedBatch): LevelBatch {
  if (level.keyEncoding().commonName === "utf8" && level.valueEncoding().commonName === "utf8") return batch;
  return { put: (key, value) => batch.put(key, value, UTF8), del: (key) => batch.del(key, UTF8) };
}

/** Rethrows as the one error class; wrong arguments stay what they are. */
function fail(error: unknown): never {
  if (error instanceof JobqError || error instanceof TypeError || error instanceof RangeError) throw error;
  const { message, cause } = error as { readonly message?: string; readonly cause?: { readonly message?: string } };
  const reason = cause?.message ? `${message}: ${cause.message}` : message;
  throw new JobqError("STORE_FAILED", `the database failed: ${reason}`, { cause: error });
}
