/** Keys and values are text; a snapshot, where there is one, says as of when to read. */
export interface ReadOptions {
  readonly keyEncoding: "utf8";
  readonly valueEncoding: "utf8";
  readonly snapshot?: LevelSnapshot | undefined;
}

/** Keys from `gte` or after `gt`, up to but without `lt`. */
export interface RangeOptions extends ReadOptions {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** How many bytes classic-level reads at a time. */
  readonly highWaterMarkBytes?: number;
}

/** Reads a range in steps. */
export interface LevelIterator<T> {
  /** The next items, at most `size`; none when the range has ended. */
  nextv(size: number): Promise<T[]>;
  /** Goes on at this key, or the next one after it. */
  seek(key: string, options: { readonly keyEncoding: "utf8" }): void;
  close(): Promise<void>;
}

/** Writes that are collected one by one and then made in one step. */
export interface LevelBatch {
  put(key: string, value: string): unknown;
  del(key: string): unknown;
}

/** Such writes as the database collects them, in its own encodings unless told otherwise. */
export interface ChainedBatch extends LevelBatch {
  put(key: string, value: string, options?: { readonly keyEncoding: "utf8"; readonly valueEncoding: "utf8" }): unknown;
  del(key: string, options?: { readonly keyEncoding: "utf8" }): unknown;
  write(options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** A state of the database to read from. */
export interface LevelSnapshot {
  close(): Promise<void>;
}

/**
 * What a repository can be made of: any abstract-level 3 database or sublevel, whatever its encodings and the types of
 * its keys and values, since the repository says itself how it writes its own.
 */
export interface LevelDatabase {
  readonly status: "opening" | "open" | "closing" | "closed";
  readonly supports: {
    readonly permanence: boolean;
    readonly explicitSnapshots?: boolean;
    readonly additionalMethods: Readonly<Record<string, boolean>>;
  };
  open(): Promise<void>;
  close(): Promise<void>;
  keyEncoding(): { readonly commonName: string };
  valueEncoding(): { readonly commonName: string };
}

/** What is used of a database. Every abstract-level 3 database has it, sublevels included. */
export interface Level extends LevelDatabase {
  getMany(keys: string[], options: ReadOptions): Promise<(string | undefined)[]>;
  batch(): ChainedBatch;
  iterator(options: RangeOptions): LevelIterator<[string, string]>;
  keys(options: RangeOptions): LevelIterator<string>;
  clear(options: { readonly gte: string; readonly lt: string; readonly keyEncoding: "utf8" }): Promise<void>;
  snapshot(): LevelSnapshot;
  /** Rewrites a range without what was deleted in it. */
  compactRange?(start: string, end: string, options: { readonly keyEncoding: "utf8" }): Promise<void>;
  /** Calls `listener` whenever the database was closed. */
  on?(event: "closed", listener: () => void): unknown;
  off?(event: "closed", listener: () => void): unknown;
}

/** Says that keys and values are text. */
export const UTF8: ReadOptions = { keyEncoding: "utf8", valueEncoding: "utf8" };
