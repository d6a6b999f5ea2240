// Runs a script of every workspace that has it, as many at once as there are cores: `node scripts/each-package.mjs build`.
// Prints what a workspace printed when it ends, and fails when one did.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const script = process.argv[2] ?? "";

/** @param {string} folder */
function scriptsOf(folder) {
  const path = join(root, folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")).scripts ?? {}) : {};
}

/** The folders of the workspaces that have the script; the largest first, so that none is left for the end alone. */
function folders() {
  /** @type {string[]} */
  const patterns = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).workspaces;
  const all = patterns.flatMap((pattern) =>
    pattern.endsWith("/*")
      ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => pattern.slice(0, -1) + name)
      : [pattern],
  );
  return all.filter((folder) => script in scriptsOf(folder)).sort((a, b) => filesIn(b) - filesIn(a));
}

/** @param {string} folder */
function filesIn(folder) {
  const src = join(root, folder, "src");
  return existsSync(src) ? readdirSync(src, { recursive: true }).length : 0;
}

/**
 * @param {string} folder
 * @returns {Promise<void>}
 */
function run(folder) {
  return new Promise((resolve) => {
    const options = { cwd: join(root, folder), maxBuffer: 2 ** 26 };
    execFile("npm", ["run", "--silent", script], options, (error, stdout, stderr) => {
      console.log(`${script} ${folder}${error ? " FAILED" : ""}`);
      if (error || process.env.JOBQ_VERBOSE) console.log(stdout + stderr);
      if (error) process.exitCode = 1;
      resolve();
    });
  });
}

const waiting = folders();
await Promise.all(
  Array.from({ length: Math.max(1, availableParallelism()) }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  }),
);
