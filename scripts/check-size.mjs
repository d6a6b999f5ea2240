// Bundles what a page needs to run a queue in memory, and each module of the service on top of it; prints what they
// weigh, and fails when the queue is heavier than it may be.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What core, service and memory adapters should take together. */
const GOAL = 15 * 1024;
/** A little above what they take now that links, limits, groups, middleware and limits of text are in them, so that they do not grow unseen. */
const LIMIT = 28.6 * 1024;
const QUEUE = [
  `export { createService } from "@jobq/service";`,
  `export { memoryJobs } from "@jobq/job-memory";`,
  `export { memoryTopics } from "@jobq/pq-memory";`,
];

const manifest = JSON.parse(readFileSync(new URL("../service/package.json", import.meta.url), "utf8"));

/**
 * What is imported when it is first used is a file of its own, which a page does not load before.
 * @type {import("esbuild").Plugin}
 */
const loadedLater = {
  name: "loaded later",
  setup: ({ onResolve }) => {
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

/**
 * How many bytes the statements and all they import take, minified and gzipped.
 * @param {readonly string[]} statements
 */
async function sizeOf(statements) {
  const result = await build({
    stdin: {
      contents: statements.join("\n"),
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
      loader: "js",
    },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    logLevel: "error",
    plugins: [loadedLater],
    external: Object.keys(manifest.peerDependencies), // the user's own
  });
  return gzipSync(result.outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

/** The subpaths of the service that lead to code. */
function modules() {
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
