import { JobqError } from "@jobq/core";
import { type Level, UTF8 } from "./level.ts";
import { unreadable } from "./record.ts";

/**
 * Migrates a store from the version that is its place in the list, counted from 1, to the next one. It must be
 * repeatable: it starts over if it was interrupted.
 */
export type Migration = (level: Level, sync: boolean) => Promise<void>;

/** The layout of a package's records, and its versions. */
export interface Layout {
  /** The key of the record with the store's version. */
  readonly versionKey: string;
  /** The name of the package in messages. */
  readonly packageName: string;
  /** One migration for each version before the current one, oldest first. */
  readonly migrations: readonly Migration[];
}

/**
 * Ensures that the store has the current version: marks a new store, and migrates an older one version by version. From
 * the first write of a migration on, the store is marked with the current version, so that older code refuses it.
 * @throws {JobqError} STORE_VERSION if a newer version of the package has written it
 */
export async function ensureVersion(level: Level, layout: Layout, sync: boolean): Promise<void> {
  const { versionKey, packageName, migrations } = layout;
  const migratingKey = `${versionKey}, migrating`;
  const current = migrations.length + 1;
  const [record, migrating] = await level.getMany([versionKey, migratingKey], UTF8);
  const found = versionIn(versionKey, record) ?? current;
  if (found > current) {
    throw new JobqError(
      "STORE_VERSION",
      `the store has version ${found}, this ${packageName} knows up to ${current}: use a newer one`,
      { details: { found, supported: current } },
    );
  }
  const from = versionIn(migratingKey, migrating) ?? found;
  if (record !== undefined && from === current) return;
  for (let version = from; version < current; version++) {
    await write(level, { [versionKey]: String(current), [migratingKey]: String(version) }, sync);
    await (migrations[version - 1] as Migration)(level, sync);
  }
  await write(level, { [versionKey]: String(current), [migratingKey]: undefined }, sync);
}

function versionIn(key: string, record: string | undefined): number | undefined {
  if (record === undefined) return undefined;
  const version = Number(record);
  if (!Number.isInteger(version) || version < 1) throw unreadable(key, record);
  return version;
}

async function write(
  level: Level,
  records: Readonly<Record<string, string | undefined>>,
  sync: boolean,
): Promise<void> {
  const batch = level.batch();
  for (const [key, record] of Object.entries(records)) {
    if (record === undefined) batch.del(key, UTF8);
    else batch.put(key, record, UTF8);
  }
  await batch.write({ sync });
}
