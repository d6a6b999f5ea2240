import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** `node:sqlite` tells whether a statement returns rows from Node 22.16 on. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const needsNode22 = major > 22 || (major === 22 && minor >= 16) ? [] : ["**/conformance-node-sqlite.test.ts"];

/** As Node resolves: what is under `module` is for bundlers, and some of it no Node can load. */
const conditions = defaultServerConditions.filter((condition) => condition !== "module");

export default defineConfig({
  ssr: { resolve: { conditions: ["@jobq/source", ...conditions] } }, // workspace packages run from source
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/tmp/**", ...needsNode22],
    maxWorkers: Math.max(2, availableParallelism() - 1), // much of a test is waiting: for a process, a database, a page
    testTimeout: 60_000, // only against what hangs: no test is about time
    reporters: ["default", "./scripts/plain-reporter.ts"],
  },
});
