import { JobqError } from "@jobq/core";
import { classicLevel } from "./classic-level.ts";
import { releaseDatabase } from "./database-lock.ts";
import { type ChainedBatch, type Level, type LevelBatch, type LevelSnapshot, type ReadOptions, UTF8 } from "./level.ts";
import { type Opened, SharedState } from "./shared-state.ts";

/** The options of a {@link LevelStore}. */
export interface LevelStoreOptions<S> {
  /** The name of the repository in messages. Repositories of one name over one database share their state in memory. */
  readonly name: string;
  /** Whether writes wait for the disk. */
  readonly sync: boolean;
  /** Reads the state that is kept in memory; called after each opening. */
  load(level: Level): Promise<S>;
}

const ignore = (): void => {};

/** One database as one repository uses it: opened on first use, read as of one instant, written in turn. */
export class LevelStore<S> {
  readonly #options: LevelStoreOptions<S>;
  readonly #reads = new Set<Promise<unknown>>();
  readonly #user = { hasOpened: false, find: (): Promise<Level> => this.#find() };
  #find: () => Promise<Level>;
  #owned: boolean;
  #level: Level | undefined;
  #shared: SharedState<S> | undefined;
  #attaching: Promise<SharedState<S>> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** @param source a path, opened and closed here, or a database, which is opened if need be and left open */
  constructor(source: string | Level, options: LevelStoreOptions<S>) {
    this.#options = options;
    this.#owned = typeof source === "string";
    this.#find = typeof source === "string" ? classicLevel(source, options.name) : async () => source;
  }

  /** Uses a database that its caller opens and closes, unless another one is already in use. */
  borrow(find: () => Promise<Level>): void {
    if (this.#level) return;
    this.#find = find;
    this.#owned = false;
  }

  /** Returns the database, opened. */
  async database(): Promise<Level> {
    if (this.#closing) throw this.#closedError();
    const shared = await this.#attached();
    const { level } = await shared.open(this.#user);
    this.#user.hasOpened = true;
    return level;
  }

  /** Runs `work` after all earlier work, and nothing else meanwhile. */
  exclusive<T>(work: (opened: Opened<S>) => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(this.#closedError());
    const answer = this.#exclusive(work).catch(fail);
    this.#last = answer.catch(ignore);
    return answer;
  }

  async #exclusive<T>(work: (opened: Opened<S>) => Promise<T>): Promise<T> {
    const shared = this.#shared ?? (await this.#attached());
    return shared.exclusive(this.#user, (opened) => {
      this.#user.hasOpened = true;
      return work(opened);
    });
  }

  /**
   * Reads without delaying writes, if the database has snapshots. Until `look` first waits, it sees the memory and the
   * database as of the same instant, that of the snapshot in its options.
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
   * Stores the writes that `fill` collects, in one step; only within {@link exclusive}.
   * @param isLasting false for writes that may be lost if the machine dies: they do not wait for the disk
   */
  async write(opened: Opened<S>, fill: (batch: LevelBatch) => void, isLasting = true): Promise<void> {
    const { level } = opened;
    await this.#write(opened, async () => {
      const batch = level.batch();
      try {
        fill(inUtf8(level, batch));
        await batch.write({ sync: this.#options.sync && isLasting });
      } finally {
        await batch.close();
      }
    });
  }

  /** Deletes the keys of a range; if it fails, some may be left. Only within {@link exclusive}. */
  clear(opened: Opened<S>, range: { readonly gte: string; readonly lt: string }): Promise<void> {
    return this.#write(opened, () => opened.level.clear({ ...range, keyEncoding: UTF8.keyEncoding }));
  }

  async #write(opened: Opened<S>, make: () => Promise<void>): Promise<void> {
    if (this.#shared?.current !== opened) throw new JobqError("STORE_FAILED", "the database was opened anew meanwhile");
    try {
      await make();
    } catch (error) {
      this.#shared.markFailed((error as { code?: unknown }).code === "LEVEL_IO_ERROR");
      throw error;
    }
    // Another store over the same database may have torn the log before this was appended.
    if (this.#shared.isTorn) throw new JobqError("STORE_FAILED", "a write of somebody else tore the log");
  }

  /** Runs `work` in the background; {@link close} waits for it. */
  background(work: Promise<unknown>): void {
    this.#track(work.catch(ignore));
  }

  /** Waits for work in progress, and closes the database if it was opened from a path. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#last;
    await this.#attaching?.catch(ignore);
    await Promise.allSettled(this.#reads);
    this.#shared?.detach(this.#options.name);
    if (this.#level) await releaseDatabase(this.#level, this.#owned).catch(fail);
  }

  #attached(): Promise<SharedState<S>> {
    this.#attaching ??= this.#attach().catch((error: unknown) => {
      this.#attaching = undefined;
      throw error;
    });
    return this.#attaching;
  }

  async #attach(): Promise<SharedState<S>> {
    const { name, load } = this.#options;
    this.#level = await this.#find();
    this.#shared = SharedState.attach(this.#level, name, load);
    return this.#shared;
  }

  #track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.catch(ignore).finally(() => this.#reads.delete(tracked));
    this.#reads.add(tracked);
  }

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
