// Bundles what a page needs to run a queue in memory, and each module of the service on top of it; prints what they
// weigh, and fails when the queue is heavier than it may be.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What core, service and memory adapters should take together. */
const GOAL = 15 * 1024;
/** A little above what they take now that links, limits, groups, retention and middleware are in them, so that they do not grow unseen. */
const LIMIT = 28 * 1024;
const QUEUE = [
  `export { createService } from "@jobq/service";`,
  `export { memoryJobs } from "@jobq/job-memory";`,
  `export { memoryTopics } from "@jobq/pq-memory";`,
];

/**
 * How many bytes the statements and all they import take, minified and gzipped.
 * @param {readonly string[]} statements
 */
async function sizeOf(statements) {
  const result = await build({
    stdin: {
      contents: statements.join("\n"),
      resolveDir: fileURLToPath(new URL("../examples", import.meta.url)),
      loader: "js",
    },
    bundle: true,
    splitting: true, // what is imported when it is first used is not part of what a page loads
    outdir: "out",
    metafile: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    logLevel: "error",
  });
  const loaded = chunksOf(result.metafile.outputs, "out/stdin.js");
  const files = result.outputFiles.filter(({ path }) => [...loaded].some((name) => path.endsWith(`/${name}`)));
  return files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

/**
 * A chunk and those that it cannot run without.
 * @param {import("esbuild").Metafile["outputs"]} outputs
 * @param {string} name
 * @returns {Set<string>}
 */
function chunksOf(outputs, name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const { path, kind } of outputs[name]?.imports ?? []) {
    if (kind !== "dynamic-import") chunksOf(outputs, path, seen);
  }
  return seen;
}

/** The subpaths of the service that lead to code. */
function modules() {
  const manifest = JSON.parse(readFileSync(new URL("../service/package.json", import.meta.url), "utf8"));
  return Object.entries(manifest.exports)
    .filter(([subpath, target]) => subpath !== "." && typeof target === "object")
    .map(([subpath]) => subpath.slice(2));
}

const kB = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(2)} kB`;
const queue = await sizeOf(QUEUE);
console.log(
  `size, minified and gzipped: core, service and memory adapters ${kB(queue)} (goal ${kB(GOAL)}, limit ${kB(LIMIT)})`,
);
for (const name of modules()) {
  const own = (await sizeOf([...QUEUE, `export * as module from "@jobq/service/${name}";`])) - queue;
  console.log(`  @jobq/service/${name} adds ${kB(own)}`);
}
if (queue > LIMIT) {
  console.error("size: above the limit");
  process.exitCode = 1;
}
