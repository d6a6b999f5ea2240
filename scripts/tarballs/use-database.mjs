import { copyFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "./packages.mjs";
import { run } from "./project.mjs";

/**
 * A job goes through a SQLite database and one through a LevelDB, by the versions that the project has of Kysely and of
 * abstract-level. The driver of SQLite is large and not the question: it is the repository's own.
 *
 * @param {string} folder
 */
export async function useDatabase(folder) {
  for (const name of ["libsql", "@libsql", "@neon-rs", "detect-libc"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  copyFileSync(new URL("consumer/use-databases.mjs", import.meta.url), join(folder, "use-databases.mjs"));
  await run(process.execPath, ["use-databases.mjs"], folder);
}
