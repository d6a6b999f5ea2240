/** The encodings of keys and values, and the snapshot to read from, if there is one. */
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
  /** The number of bytes that classic-level reads at a time. */
  readonly highWaterMarkBytes?: number;
}

/** Reads a range in steps. */
export interface LevelIterator<T> {
  /** Returns the next items, at most `size`; none at the end of the range. */
  nextv(size: number): Promise<T[]>;
  /** Continues at this key, or at the next one after it. */
  seek(key: string, options: { readonly keyEncoding: "utf8" }): void;
  close(): Promise<void>;
}

/** Writes that are collected one by one and then stored in one step. */
export interface LevelBatch {
  put(key: string, value: string): unknown;
  del(key: string): unknown;
}

/** A batch that the database collects, in its own encodings unless others are passed. */
export interface ChainedBatch extends LevelBatch {
  put(key: string, value: string, options?: { readonly keyEncoding: "utf8"; readonly valueEncoding: "utf8" }): unknown;
  del(key: string, options?: { readonly keyEncoding: "utf8" }): unknown;
  write(options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** A state of the database as of one instant. */
export interface LevelSnapshot {
  close(): Promise<void>;
}

/**
 * A database that a repository accepts: any abstract-level 3 database or sublevel, with any encodings, because the
 * repository passes its own.
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

/** The methods of a database that repositories use. Every abstract-level 3 database has them, sublevels included. */
export interface Level extends LevelDatabase {
  getMany(keys: string[], options: ReadOptions): Promise<(string | undefined)[]>;
  batch(): ChainedBatch;
  iterator(options: RangeOptions): LevelIterator<[string, string]>;
  keys(options: RangeOptions): LevelIterator<string>;
  clear(options: { readonly gte: string; readonly lt: string; readonly keyEncoding: "utf8" }): Promise<void>;
  snapshot(): LevelSnapshot;
  /** Rewrites a range without its deleted keys. */
  compactRange?(start: string, end: string, options: { readonly keyEncoding: "utf8" }): Promise<void>;
  /** Calls `listener` each time the database has been closed. */
  on?(event: "closed", listener: () => void): unknown;
  off?(event: "closed", listener: () => void): unknown;
}

/** The encodings of keys and values: text. */
export const UTF8: ReadOptions = { keyEncoding: "utf8", valueEncoding: "utf8" };
