// Bundles what a page needs to run a queue in memory, prints its size, and fails when it grows above a limit.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Of service and memory adapters. */
const goal = 12 * 1024;
/** Of these and core: a little above what it is, so that it does not grow unseen. */
const limit = 14 * 1024;
const entry = `
  export { createService } from "@jobq/service";
  export { memoryJobs } from "@jobq/job-memory";
  export { memoryTopics } from "@jobq/pq-memory";`;

/**
 * How many bytes all of it takes, minified and gzipped, but for what is external.
 * @param {string[]} external
 */
async function sizeWithout(external) {
  const result = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL("../examples", import.meta.url)), loader: "js" },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    logLevel: "warning",
    external,
  });
  return gzipSync(result.outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

const size = await sizeWithout([]);
const own = await sizeWithout(["@jobq/core"]);
const kB = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(2)} kB`;
console.log(
  `size: service + memory adapters ${kB(own)} minified and gzipped (limit ${kB(goal)}), with core ${kB(size)} (limit ${kB(limit)})`,
);
if (own > goal || size > limit) {
  console.error("size: above the limit");
  process.exitCode = 1;
}
