import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { faultsOfBuild } from "../release/built.mjs";
import { faultsOf, inOrder, withVersion } from "../release/plan.mjs";
import { publicFolders, readJson, root } from "../tarballs/packages.mjs";

const manifest = (name: string, dependencies: Record<string, string> = {}, version = "1.0.0") => ({
  ...{ name, version, dependencies },
  repository: { url: "https://example.com/repository" },
});

test("packages are published after those they depend on", () => {
  const packages = publicFolders().map((folder) => ({ manifest: readJson(`${root}${folder}/package.json`) }));
  const names = inOrder([...packages].reverse()).map((one) => one.manifest.name as string);
  expect(names).toHaveLength(packages.length);
  for (const { manifest: one } of packages)
    for (const needed of Object.keys(one.dependencies ?? {}).filter((name) => names.includes(name)))
      expect(names.indexOf(needed)).toBeLessThan(names.indexOf(one.name));
});

test("all packages have one version, and want each other's", () => {
  const manifests = publicFolders().map((folder) => readJson(`${root}${folder}/package.json`));
  const faults = [...faultsOf(manifests, `\n## ${manifests[0].version}`)];
  expect(faults.filter((fault) => !fault.includes("names no repository"))).toEqual([]);
});

test("versions out of step, a missing repository and a changelog that says nothing are in the way", () => {
  const { repository, ...homeless } = manifest("c");
  const manifests = [manifest("a"), manifest("b", { a: "0.9.0", other: "2.0.0" }, "1.0.1"), homeless];
  expect([...faultsOf(manifests, "## Unreleased")]).toHaveLength(4);
  const inStep = [manifest("a"), manifest("b", { a: "1.0.0" })];
  expect([...faultsOf(inStep, "# Changelog\n\n## 1.0.0\n")]).toEqual([]);
  expect([...faultsOf(inStep, "# Changelog\n\n## 1.0.0 (2026-12-01)\n")]).toEqual([]);
  expect([...faultsOf(inStep, "# Changelog\n\n## 1.0.0-rc.1\n")]).toHaveLength(1);
});

test("a package that is not built, or not since its sources were written, is in the way", () => {
  const folder = mkdtempSync(join(tmpdir(), "jobq-release-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (path: string, at: number) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
    utimesSync(join(folder, path), at, at);
  };
  write("src/deep/index.ts", 10);
  expect([...faultsOfBuild(folder)]).toEqual(["it is not built"]);
  write("dist/index.js", 20);
  expect([...faultsOfBuild(folder)]).toEqual([]);
  write("src/other.ts", 30);
  expect([...faultsOfBuild(folder)]).toHaveLength(1);
});

test("a version is given to a package and to those of ours that it wants", () => {
  const next = withVersion(manifest("b", { a: "1.0.0", other: "1.0.0" }), "1.1.0", new Set(["a", "b"]));
  expect([next.version, next.dependencies]).toEqual(["1.1.0", { a: "1.1.0", other: "1.0.0" }]);
  expect(() => withVersion(manifest("b"), "next", new Set())).toThrow(RangeError);
});

test("a dry run shows every package, and its exit code says whether something is in the way", () => {
  const args = [`${root}scripts/release.mjs`, "--dry-run"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const names = publicFolders().map((folder) => readJson(`${root}${folder}/package.json`).name as string);
  expect(names.filter((name) => !stdout.includes(`${name}@`))).toEqual([]);
  expect(status).toBe(stderr.includes("in the way: ") ? 1 : 0);
});
