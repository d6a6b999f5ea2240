import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import type { Dialect } from "./dialect.ts";

/** The features that a server compatible with PostgreSQL may lack; by default it has them all. */
export interface PostgresFeatures {
  /** `SKIP LOCKED`. Without it, claims of one topic take turns and wait while the next job is locked. */
  readonly skipLocked?: boolean | undefined;
  /** Advisory locks. Without them, processes that migrate take turns by a row of the table `meta`. */
  readonly advisoryLocks?: boolean | undefined;
  /** `ctid`, the place of a row. Without it, a claim looks the rows that it has selected up again, by their ids. */
  readonly ctid?: boolean | undefined;
}

const FEATURES: OptionNames<PostgresFeatures> = { skipLocked: true, advisoryLocks: true, ctid: true };

/** The features that a dialect makes use of. */
export function featuresOf({ skipsLocked, namedLocks, rowId }: Dialect): Required<PostgresFeatures> {
  return { skipLocked: skipsLocked, advisoryLocks: namedLocks, ctid: rowId === "ctid" };
}

/**
 * The dialect for a server that has only these features.
 * @throws {TypeError} a feature that there is not or that is no boolean, or any of a dialect other than PostgreSQL's
 */
export function dialectWith(dialect: Dialect, features: PostgresFeatures | undefined): Dialect {
  if (features === undefined) return dialect;
  checkOptions(features, FEATURES, "features");
  for (const [name, value] of Object.entries(features)) {
    if (value !== undefined && typeof value !== "boolean") throw wrongType(`features.${name}`, "a boolean", value);
  }
  if (dialect.name !== "postgres") throw new TypeError(`features are those of PostgreSQL, not of ${dialect.name}`);
  const { skipLocked = true, advisoryLocks = true, ctid = true } = features;
  return {
    ...dialect,
    ...(skipLocked ? {} : { lockFree: dialect.lock, skipsLocked: false }),
    ...(ctid ? {} : { rowId: "id" }),
    namedLocks: advisoryLocks,
  };
}
