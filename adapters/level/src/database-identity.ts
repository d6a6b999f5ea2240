import type { Level } from "./level.ts";
import { lockFileOf } from "./lock-file.ts";
import { realPath } from "./real-path.ts";

/** What is used of a database to tell it from others; nothing of it has to be there. */
interface Described {
  readonly type?: unknown;
  readonly location?: unknown;
  /** What a browser-level puts before its location. */
  readonly namePrefix?: unknown;
  readonly prefix?: unknown;
  readonly parent?: Level | null;
}

/** Where a database lives, so that two objects that lead to the same one are known for that. */
export interface DatabaseIdentity {
  readonly kind: "files" | "browser";
  /** The real path of its directory, or its name in the browser. */
  readonly location: string;
}

const known = new WeakMap<Level, DatabaseIdentity>();

/** The database that a sublevel is a part of, however deep; any other is its own. */
export function rootOf(level: Level): Level {
  const { parent } = level as Described;
  return parent ? rootOf(parent) : level;
}

/** What the keys of a sublevel begin with in its root. */
export function prefixOf(level: Level): string {
  const { parent, prefix } = level as Described;
  return parent ? String(prefix) : "";
}

/** The identity of a root; undefined when no other object can lead to the same database. */
export function identityOf(root: Level): DatabaseIdentity | undefined {
  const { type, location, namePrefix } = root as Described;
  if (typeof location !== "string") return undefined;
  const isInBrowser = type === "browser-level";
  const identity: DatabaseIdentity = known.get(root) ?? {
    kind: isInBrowser ? "browser" : "files",
    location: isInBrowser ? `${namePrefix ?? ""}${location}` : realPath(location),
  };
  known.set(root, identity);
  return identity;
}

/** The names that a database has now: its files get the second one when they are opened for the first time. */
export function namesOf({ kind, location }: DatabaseIdentity): string[] {
  const file = kind === "files" ? lockFileOf(location) : undefined;
  return file === undefined ? [`${kind} ${location}`] : [`${kind} ${location}`, `lock file ${file}`];
}
