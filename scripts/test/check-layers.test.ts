import { describe, expect, test } from "vitest";
import { violations } from "../check-layers.mjs";
import { layers } from "../layers.mjs";

const manifest = {
  exports: { ".": source("index.ts"), "./worker": source("worker/index.ts"), "./cron": source("cron.ts") },
};

function source(file: string) {
  return { "@jobq/source": `./src/${file}` };
}

function faults(folder: string, file: string, text: string, layer = layers[folder]) {
  return violations({ folder, manifest, files: { [file]: text } }, layer);
}

describe("check-layers", () => {
  test.each([
    ["core", "job.ts", `import { createHash } from "node:crypto";`],
    ["core", "job.ts", `export { x } from "nanoid";`],
    ["core", "job.ts", `import type { Service } from "@jobq/service";`],
    ["core", "job.ts", `export type S = import("@jobq/service").Service;`],
    ["core", "job.ts", `import { x } from "../../service/src/module.ts";`],
    ["core", "job.ts", `/// <reference types="node" />\nexport {};`],
    ["adapters/job-memory", "index.ts", `import { createService } from "@jobq/service";`],
    ["adapters/job-memory", "index.ts", `import { memoryTopics } from "@jobq/pq-memory";`],
    ["adapters/level", "index.ts", `const { ClassicLevel } = await import("kysely");`],
    ["service", "index.ts", `import { memoryJobs } from "@jobq/job-memory";`],
    ["service", "index.ts", `import { createWorker } from "@jobq/service/worker";`],
    ["conformance", "index.ts", `import { memoryJobs } from "@jobq/job-memory";`],
  ])("%s/src/%s must not say %s", (folder, file, text) => {
    expect(faults(folder, file, text)).toHaveLength(1);
  });

  test.each([
    ["core", "ports/job-repository.ts", `import type { Job } from "../job.ts";`],
    ["adapters/level", "index.ts", `import { applyUnit } from "@jobq/core"; await import("classic-level");`],
    ["service", "index.ts", `export { createService } from "./job-service.ts"; import "@jobq/core";`],
    ["conformance", "index.ts", `import { x } from "@jobq/core"; import { y } from "@jobq/service";`],
  ])("%s/src/%s may say %s", (folder, file, text) => {
    expect(faults(folder, file, text)).toEqual([]);
  });

  test.each([
    ["worker/index.ts", `import { seam } from "../module.ts"; import { loop } from "./loop.ts"; import "@jobq/core";`],
    ["cron.ts", `import { next } from "./cron/field.ts"; import { seam } from "./module.ts";`],
    ["cron/field.ts", `import { seam } from "../module.ts";`],
  ])("the module file %s may import its own files, the seam and core", (file, text) => {
    expect(faults("service", file, text)).toEqual([]);
  });

  test.each([
    ["worker/index.ts", `import { x } from "../job-service.ts";`],
    ["worker/loop.ts", `import { x } from "../cron.ts";`],
    ["worker/loop.ts", `import { x } from "../cron/field.ts";`],
    ["worker/index.ts", `import { x } from "../cron.ts";`],
    ["job-service.ts", `import { x } from "./worker/index.ts";`],
    ["index.ts", `export { x } from "./cron.ts";`],
  ])("%s must not say %s", (file, text) => {
    expect(faults("service", file, text)).toHaveLength(1);
  });

  test("the seam is a subpath, and no module: it may import the body of the package", () => {
    const exports = { ...manifest.exports, "./module": source("module.ts") };
    const pkg = { folder: "service", manifest: { exports }, files: { "module.ts": `import "./engines.ts";` } };
    expect(violations(pkg, layers.service)).toEqual([]);
  });

  test("a module reaches the entry of a module it uses, and no other file of it", () => {
    const layer = { imports: [], modules: { seam: [], uses: { cron: ["worker"] } } };
    expect(faults("service", "cron.ts", `import "./worker/index.ts";`, layer)).toEqual([]);
    expect(faults("service", "cron.ts", `import "./worker/loop.ts";`, layer)).toHaveLength(1);
  });

  test("a package that belongs to a module is imported by its files alone", () => {
    const layer = { imports: [], modules: { seam: [], uses: {}, packages: { cron: ["croner"] } } };
    expect(faults("service", "cron/field.ts", `import { Cron } from "croner";`, layer)).toEqual([]);
    expect(faults("service", "worker/loop.ts", `import { Cron } from "croner";`, layer)).toHaveLength(1);
    expect(faults("service", "job-service.ts", `import { Cron } from "croner";`, layer)).toHaveLength(1);
    const pkg = { folder: "service", manifest: { ...manifest, dependencies: { croner: "11.0.1" } }, files: {} };
    expect(violations(pkg, layer)).toEqual([]);
  });

  test("a package without a rule is refused", () => {
    expect(faults("adapters/new", "index.ts", "")).toHaveLength(1);
  });

  test("a dependency against the direction is refused", () => {
    const pkg = { folder: "core", manifest: { dependencies: { "@jobq/service": "0.1.0" } }, files: {} };
    expect(violations(pkg, layers.core)).toHaveLength(1);
  });

  test("a peer that is passed on may be named by the manifest and by no source", () => {
    const layer = { imports: [], passesOn: ["classic-level"] };
    const passing = {
      folder: "adapters/new",
      manifest: { peerDependencies: { "classic-level": "^3.0.0" } },
      files: {},
    };
    expect(violations(passing, layer)).toEqual([]);
    expect(faults("adapters/new", "index.ts", `import "classic-level";`, layer)).toHaveLength(1);
  });

  test("a fault names the file, the line and the import", () => {
    expect(faults("core", "job.ts", `\nimport "node:fs";`)).toEqual([
      `core/src/job.ts:2: "node:fs": this layer must not import it`,
    ]);
  });
});
