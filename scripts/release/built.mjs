import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * What is in the way of publishing what a package was built into: a release runs no script that would build it.
 *
 * @param {string} folder
 */
export function* faultsOfBuild(folder) {
  const [built, written] = [latestIn(join(folder, "dist")), latestIn(join(folder, "src"))];
  if (built === 0) yield "it is not built";
  else if (built < written) yield "its sources were written after it was built";
}

/**
 * When the latest file was written; 0 where there is none.
 * @param {string} folder
 */
function latestIn(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
