// Bundles what a page needs to run a queue in memory, prints its size beside the goal, and fails above the limit.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const goal = 12 * 1024;
/** Where the build stops: a little above what it is, so that it does not grow unseen. */
const limit = 14.5 * 1024;
const entry = `
  export { createService } from "@jobq/service";
  export { memoryJobs } from "@jobq/job-memory";
  export { memoryTopics } from "@jobq/pq-memory";`;

const result = await build({
  stdin: { contents: entry, resolveDir: fileURLToPath(new URL("../examples", import.meta.url)), loader: "js" },
  bundle: true,
  write: false,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  logLevel: "warning",
});
const code = result.outputFiles[0]?.contents ?? new Uint8Array();
const size = gzipSync(code, { level: 9 }).length;
const kB = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(2)} kB`;
console.log(
  `size: service + memory adapters ${kB(code.length)} minified, ${kB(size)} gzipped (goal ${kB(goal)}, limit ${kB(limit)})`,
);
if (size > limit) {
  console.error(`size: ${kB(size - limit)} above the limit`);
  process.exitCode = 1;
}
