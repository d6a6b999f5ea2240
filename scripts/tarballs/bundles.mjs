import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";

/** What a page may want all of: each store that runs in a browser, workers, schedules, the server's fetch handler. */
const PAGE = `
import { BrowserLevel } from "browser-level";
import { createService, memoryJobs, memoryTopics, createWorker } from "jobq";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { createSchedules } from "@jobq/service/cron";
const database = new BrowserLevel("jobs");
const svc = createService({ jobs: levelJobs(database), topics: levelTopics(database) });
export const all = [svc, memoryJobs, memoryTopics, createWorker, createServer, createSchedules];
`;
/** One small thing of a large package: what comes with it is what tree-shaking leaves. */
const SMALL = `export { constant } from "jobq";`;
/** In characters. Webpack keeps what chunks need that are loaded on demand, though nothing is left that loads them. */
const SMALL_LIMIT = 6144;

/**
 * Each bundler makes a page of the packages, with no polyfill set up, and leaves out what is not used.
 *
 * @param {string} folder
 * @param {readonly string[]} specifiers
 * @returns {Promise<string[]>}
 */
export async function faultsOfBundles(folder, specifiers) {
  const found = [];
  for (const [name, bundle] of Object.entries(bundlers)) {
    const page = await bundle(folder, "page", PAGE);
    found.push(...page.warnings.map((warning) => `${name}: ${warning}`));
    found.push(...page.imports.map((specifier) => `${name}: still needs ${specifier}`));
    const { code } = await bundle(folder, "small", SMALL);
    if (code.length > SMALL_LIMIT) found.push(`${name}: one small export brings ${code.length} characters`);
  }
  const left = await leftOfNothing(folder, specifiers);
  if (left.length > 0) found.push(`an import for nothing leaves ${left.join(", ")}`);
  return found;
}

/**
 * The entries of which something stays in a bundle that imports them and uses nothing.
 *
 * @param {string} folder
 * @param {readonly string[]} specifiers
 */
async function leftOfNothing(folder, specifiers) {
  const { metafile } = await esbuild({
    stdin: { contents: specifiers.map((name) => `import "${name}";`).join("\n"), resolveDir: folder },
    ...{ bundle: true, write: false, metafile: true, format: "esm", platform: "node", logLevel: "silent" },
    plugins: [
      {
        name: "only-ours",
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path }) =>
            /^(@jobq\/|jobq$)/.test(path) ? undefined : { path, external: true, sideEffects: false },
          );
        },
      },
    ],
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
}

/** @param {readonly { fileName: string, imports: readonly string[] }[]} chunks what they import that none of them is */
function outside(chunks) {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  return chunks.flatMap(({ imports }) => imports.filter((specifier) => !own.has(specifier)));
}

/**
 * @typedef {{ toJson(options: object): { errors: { message: string }[], warnings: { message: string }[] } }} WebpackStats
 * @typedef {{ code: string, imports: readonly string[], warnings: readonly string[] }} Bundle with what it still imports
 * @type {Readonly<Record<"esbuild" | "rollup" | "vite" | "webpack", (folder: string, name: string, text: string) => Promise<Bundle>>>}
 */
const bundlers = {
  async esbuild(folder, name, text) {
    const { outputFiles, metafile, warnings } = await esbuild({
      stdin: { contents: text, resolveDir: folder, sourcefile: `${name}.js` },
      ...{ bundle: true, write: false, minify: true, format: "esm", platform: "browser", logLevel: "silent" },
      metafile: true,
    });
    return {
      code: outputFiles.map((file) => file.text).join("\n"),
      imports: Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
      warnings: warnings.map((warning) => warning.text),
    };
  },

  async rollup(folder, name, text) {
    /** @param {string} plugin */
    const load = async (plugin) => {
      const path = join(folder, "node_modules/@rollup", plugin, "dist/es/index.js");
      return (await import(pathToFileURL(path).href)).default;
    };
    const [resolve, commonjs] = await Promise.all([load("plugin-node-resolve"), load("plugin-commonjs")]);
    const input = join(folder, `${name}.rollup.js`);
    writeFileSync(input, text);
    /** @type {string[]} */
    const warnings = [];
    const bundle = await rollup({
      input,
      plugins: [resolve({ browser: true, preferBuiltins: false }), commonjs()],
      onwarn: (warning) => void (warning.code === "CIRCULAR_DEPENDENCY" || warnings.push(warning.message)),
    });
    const { output } = await bundle.generate({ format: "es" });
    const chunks = output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk] : []));
    return {
      code: chunks.map(({ code }) => code).join("\n"),
      imports: outside(chunks),
      warnings,
    };
  },

  async vite(folder, name, text) {
    // What is of Node becomes an empty module with that name.
    const entry = join(folder, `${name}.vite.js`);
    writeFileSync(entry, text);
    const result = await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      build: { write: false, minify: true, lib: { entry, formats: ["es"], fileName: name } },
    });
    const [output] = Array.isArray(result) ? result : [result];
    if (!output || !("output" in output)) throw new Error("vite made nothing");
    const chunks = output.output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk] : []));
    const stubs = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes("browser-external"));
    const imports = [...outside(chunks), ...stubs];
    return { code: chunks.map(({ code }) => code).join("\n"), imports, warnings: [] };
  },

  async webpack(folder, name, text) {
    /** @type {(config: object, done: (error: Error | null, stats: WebpackStats) => void) => void} */
    const webpack = createRequire(join(folder, "x.js"))("webpack");
    const entry = join(folder, `${name}.webpack.js`);
    const path = join(folder, `${name}.webpack`);
    writeFileSync(entry, text);
    const stats = await new Promise((resolve, reject) => {
      const output = { path, filename: "[name].mjs", library: { type: "module" } };
      const config = { mode: "production", target: "web", context: folder, entry, output, performance: false };
      webpack({ ...config, experiments: { outputModule: true } }, (error, done) =>
        error ? reject(error) : resolve(done),
      );
    });
    // What is of Node, or not there at all, is an error: webpack 5 brings no polyfills.
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    const code = errors.length > 0 ? "" : readFileSync(join(path, "main.mjs"), "utf8"); // what a page loads at once
    /** @param {{ message: string }} fault */
    const messageOf = ({ message }) => message;
    return { code, imports: [], warnings: [...errors, ...warnings].map(messageOf) };
  },
};
