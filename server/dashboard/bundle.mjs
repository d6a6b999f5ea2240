// Bundles the dashboard with Vite: for the server while it runs from source, and for its build.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Every file of the dashboard.
 * @returns {Promise<import("../src/static/static-file.ts").StaticFile[]>}
 */
export async function bundleDashboard() {
  const built = await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "./",
    logLevel: "error",
    mode: "production",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { write: false, target: "es2022", cssTarget: "esnext", modulePreload: false, assetsInlineLimit: 0 },
  });
  if (Array.isArray(built) || !("output" in built)) throw new Error("Vite did not build one bundle");
  return built.output.map((file) => {
    const bytes = file.type === "chunk" ? file.code : file.source;
    return {
      path: file.fileName === "index.html" ? "" : file.fileName,
      type: TYPES[file.fileName.split(".").at(-1) ?? ""] ?? "application/octet-stream",
      gzip: new Uint8Array(gzipSync(bytes, { level: 9 })),
    };
  });
}

/** The module that takes the place of `src/dashboard/files.ts` in a build, with every file in it. */
export async function dashboardModule() {
  const files = (await bundleDashboard()).map(({ path, type, gzip }) => {
    return { path, type, gzip: Buffer.from(gzip).toString("base64") };
  });
  return `const FILES = ${JSON.stringify(files)};
const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
export async function dashboardFiles() {
  return FILES.map(({ path, type, gzip }) => ({ path, type, gzip: bytesOf(gzip) }));
}
`;
}
