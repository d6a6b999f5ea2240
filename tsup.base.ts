import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** The entries are what the package's exports map names under `@jobq/source`: a new subpath is one line there. */
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const sources = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "object" && target["@jobq/source"] ? [target["@jobq/source"]] : [],
);
const entry = Object.fromEntries(sources.map((path) => [path.replace(/^\.\/src\//, "").replace(/\.ts$/, ""), path]));

const emitTypes = fileURLToPath(new URL("./scripts/emit-types.mjs", import.meta.url));

export default defineConfig({
  entry,
  format: ["esm"],
  platform: "neutral",
  target: "es2022",
  sourcemap: true,
  clean: true,
  esbuildOptions(options) {
    options.sourcesContent = false; // the sources are in the package, and the maps lead to them
  },
  onSuccess: `node "${emitTypes}"`,
});
