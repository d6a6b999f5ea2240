import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { JobqError } from "@jobq/core";

/**
 * The driver of a database, of the project that the command is called in or else beside the command.
 * @throws {JobqError} STORE_FAILED: it is not installed
 */
export async function loadDriver(name: string, cwd: string): Promise<unknown> {
  const driver = await findDriver(name, cwd);
  if (driver !== undefined) return driver;
  throw new JobqError("STORE_FAILED", `this store takes the package ${name}: npm install ${name}`);
}

/** The same, undefined where it is not installed. */
export async function findDriver(name: string, cwd: string): Promise<unknown> {
  for (const from of [join(cwd, "package.json"), import.meta.url]) {
    const path = resolved(name, from);
    if (path === undefined) continue;
    const { default: main, ...named } = (await import(pathToFileURL(path).href)) as { default?: object };
    return main ?? named;
  }
  return undefined;
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
