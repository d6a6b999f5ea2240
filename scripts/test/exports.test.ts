import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const packages = [
  "core",
  "adapters/job-memory",
  "adapters/pq-memory",
  "adapters/level",
  "adapters/job-level",
  "adapters/pq-level",
  "adapters/sql-kysely",
  "service",
  "jobq",
  "server",
  "cli",
  "conformance",
];

const specifiers = packages.flatMap((folder) => {
  const path = fileURLToPath(new URL(`../../${folder}/package.json`, import.meta.url));
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath]) => manifest.name + subpath.slice(1));
});

test.each(specifiers)("%s exports what its list says (npm run exports:update changes it)", async (specifier) => {
  const names = Object.keys(await import(specifier)).sort();
  const file = `./exports/${specifier.replace("@jobq/", "").replaceAll("/", "-")}.txt`;
  await expect(names.map((name) => `${name}\n`).join("")).toMatchFileSnapshot(file);
});
