import { builtinModule } from "./runtime.ts";

interface Stats {
  readonly dev: bigint;
  readonly ino: bigint;
}

interface FileSystem {
  fstatSync(file: number, options: { readonly bigint: true }): Stats;
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): string[];
  statSync(path: string, options: { readonly bigint: true }): Stats;
}

/** The files that this process has open, on Linux and macOS. */
const OPEN_FILES = "/dev/fd";

/**
 * What tells the lock file of a LevelDB from all other files, whatever path leads to it; undefined before there is one.
 * LevelDB has the file open for as long as the database, so nothing else can get its number meanwhile.
 */
export function lockFileOf(location: string): string | undefined {
  try {
    return identity(files().statSync(`${location}/LOCK`, { bigint: true }));
  } catch {
    return undefined;
  }
}

/**
 * How many times this process, all its threads taken together, has the file open; 0 where that cannot be found out.
 * LevelDB locks the file for the process, so that a second opening under another path is let in, and spoils the first.
 */
export function timesOpen(file: string): number {
  if ("Deno" in globalThis) return 0; // Deno would stop to ask for a permission.
  try {
    const open = files()
      .readdirSync(OPEN_FILES)
      .filter((name) => isOpen(Number(name), file));
    return open.some(isLocked) ? open.length : 0;
  } catch {
    return 0;
  }
}

function isOpen(number: number, file: string): boolean {
  try {
    return identity(files().fstatSync(number, { bigint: true })) === file;
  } catch {
    return false; // Closed since it was listed.
  }
}

/** False for a file that a parent had open as it started this process: that is inherited, but its lock is not. */
function isLocked(name: string): boolean {
  try {
    return files().readFileSync(`/proc/self/fdinfo/${name}`, "utf8").includes("lock:");
  } catch {
    return true; // Only Linux tells.
  }
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function files(): FileSystem {
  return builtinModule<FileSystem>("node:fs") as FileSystem;
}
