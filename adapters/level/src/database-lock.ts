import { JobqError } from "@jobq/core";
import { type DatabaseIdentity, identityOf, namesOf, rootOf } from "./database-identity.ts";
import { holderOf, sign, unsign } from "./holder.ts";
import type { Level } from "./level.ts";
import { lockFileOf, timesOpen } from "./lock-file.ts";
import { databaseNamed, forgetDatabase, inTurn, registerDatabase, statesOf, tabLocks } from "./process-registry.ts";
import { takeForTab } from "./tab-lock.ts";

/**
 * Opens a database and keeps others out: processes, tabs, and other objects of this process that lead to the same one.
 * To be called again when it was closed meanwhile.
 * @throws {JobqError} `STORE_LOCKED` when somebody else has it
 */
export async function takeDatabase(level: Level): Promise<void> {
  const root = rootOf(level);
  const identity = identityOf(root);
  if (identity) await inTurn(identity.location, () => openAlone(level, root, identity));
  else if (level.status !== "open") await level.open();
}

/** Lets a database go that has no users left; closes it if it is the caller's own, which ends the others' use as well. */
export async function releaseDatabase(level: Level, isOwn: boolean): Promise<void> {
  const root = rootOf(level);
  const identity = identityOf(root);
  if ((isOwn || statesOf(root).size === 0) && root.status === "open") {
    if (identity?.kind === "files") await unsign(identity.location);
    tabLocks().get(root)?.();
    tabLocks().delete(root);
  }
  if (!isOwn) return;
  await level.close();
  for (const name of identity ? namesOf(identity) : []) forgetDatabase(name, root);
}

async function openAlone(level: Level, root: Level, identity: DatabaseIdentity): Promise<void> {
  const wasClosed: boolean = root.status === "closed";
  refuseOthers(root, identity);
  if (identity.kind === "browser" && !tabLocks().has(root)) tabLocks().set(root, await takeTab(identity));
  try {
    if (level.status !== "open") await level.open();
    refuseOthers(root, identity);
  } catch (error) {
    if (wasClosed && root.status === "open") await root.close();
    throw isLocked(error) ? await lockedByHolder(identity, error) : error;
  }
  for (const name of namesOf(identity)) registerDatabase(name, root);
  if (identity.kind === "files" && statesOf(root).size === 1) await sign(identity.location);
}

/** Refuses a database that this process has open as another object, whatever path it was given. */
function refuseOthers(root: Level, identity: DatabaseIdentity): void {
  const who = "this process has it open already; give both repositories the same path or database";
  for (const name of namesOf(identity)) {
    const other = databaseNamed(name);
    const isInUse = identity.kind === "files" ? other?.status !== "closed" : other && statesOf(other).size > 0;
    if (other && other !== root && isInUse) throw locked(identity, who);
  }
  const file = identity.kind === "files" ? lockFileOf(identity.location) : undefined;
  if (file !== undefined && timesOpen(file) > (root.status === "closed" ? 0 : 1)) throw locked(identity, who);
}

function takeTab(identity: DatabaseIdentity): Promise<() => void> {
  return takeForTab(identity.location).catch((cause: unknown) => {
    if (cause instanceof JobqError) throw cause;
    throw locked(identity, "another tab has it open", cause);
  });
}

async function lockedByHolder(identity: DatabaseIdentity, cause: unknown): Promise<JobqError> {
  const { text, holder } = await holderOf(identity.location);
  return locked(identity, text, cause, holder);
}

function locked({ location }: DatabaseIdentity, who: string, cause?: unknown, details?: object): JobqError {
  const message = `the database ${location} is locked: ${who}`;
  return new JobqError("STORE_LOCKED", message, { cause, details: { location, ...details } });
}

function isLocked(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  return code === "LEVEL_LOCKED" || cause?.code === "LEVEL_LOCKED";
}
