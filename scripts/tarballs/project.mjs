import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** The least versions that the packages say they work with. */
export const OLDEST = {
  "@hono/node-server": "2.1.0",
  "@noble/ciphers": "2.0.0",
  "@opentelemetry/api": "1.9.0",
  "abstract-level": "3.0.0",
  "browser-level": "3.0.0",
  "classic-level": "3.0.0",
  kysely: "0.28.0",
  mysql2: "3.0.0",
  pg: "8.0.3",
  "prom-client": "15.1.0",
  typescript: "5.7.3",
};

/** The latest there were when this was written. */
export const NEWEST = {
  "@hono/node-server": "2.1.8",
  "@noble/ciphers": "2.4.0",
  "@opentelemetry/api": "1.9.1",
  "abstract-level": "3.1.1",
  "browser-level": "3.0.0",
  "classic-level": "3.0.0",
  kysely: "0.29.9",
  mysql2: "3.24.6",
  pg: "8.23.1",
  "prom-client": "15.1.3",
  typescript: "7.0.2",
};

/** What every project has besides: types, what rollup needs to read packages at all, and webpack. */
const TOOLS = {
  "@rollup/plugin-commonjs": "29.0.3",
  "@rollup/plugin-node-resolve": "16.0.3",
  "@types/node": "20.19.43",
  "@types/pg": "8.23.1",
  webpack: "5.113.0",
};

/**
 * A project of a stranger's, with the tarballs and these versions of what they go with; no scripts are run.
 *
 * @param {string} folder
 * @param {readonly import("./packages.mjs").Package[]} packages
 * @param {Readonly<Record<string, string>>} versions
 */
export async function createProject(folder, packages, versions) {
  const tarballs = packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]);
  mkdirSync(folder, { recursive: true });
  const dependencies = { ...Object.fromEntries(tarballs), ...versions, ...TOOLS };
  const manifest = { name: "stranger", private: true, type: "module", dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  await run("npm", ["install", "--ignore-scripts", "--prefer-offline", ...quiet], folder);
}

/**
 * Runs a command, and throws what it printed when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export async function run(command, args, cwd) {
  try {
    return (await exec(command, args, { cwd, encoding: "utf8", maxBuffer: 2 ** 28 })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${command} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
