import { JobqError } from "@jobq/core";
import { type Level, UTF8 } from "./level.ts";
import { unreadable } from "./record.ts";

/** Brings a store from the version that is its place in the list, counted from 1, to the next; may have to begin again. */
export type Migration = (level: Level, sync: boolean) => Promise<void>;

/** How a package's records are laid out. */
export interface Layout {
  /** Holds the version of the store. */
  readonly versionKey: string;
  /** What the package is called in messages. */
  readonly packageName: string;
  /** One for each version before the current one. */
  readonly migrations: readonly Migration[];
}

/**
 * Makes sure that the store is of the current version: marks a new one, migrates an older one a version at a time.
 * @throws {JobqError} `STORE_VERSION` when a newer version of the package has written it
 */
export async function ensureVersion(level: Level, layout: Layout, sync: boolean): Promise<void> {
  const { versionKey: key, packageName, migrations } = layout;
  const current = migrations.length + 1;
  const [record] = await level.getMany([key], UTF8);
  const found = record === undefined ? current : Number(record);
  if (!Number.isInteger(found) || found < 1) throw unreadable(key, record);
  if (found > current) {
    throw new JobqError(
      "STORE_VERSION",
      `the store has version ${found}, this ${packageName} knows up to ${current}: use a newer one`,
      { details: { found, supported: current } },
    );
  }
  if (record === undefined) await put(level, key, current, sync);
  for (let version = found; version < current; version++) {
    await (migrations[version - 1] as Migration)(level, sync);
    await put(level, key, version + 1, sync);
  }
}

async function put(level: Level, key: string, version: number, sync: boolean): Promise<void> {
  const batch = level.batch();
  batch.put(key, String(version), UTF8);
  await batch.write({ sync });
}
