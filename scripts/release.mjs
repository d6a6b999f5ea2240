// What a release is, and how it is made: all packages with one version, each after those of ours that it needs.
//   npm run release -- --dry-run          shows what would be published, and what is in the way of it: ends with 1 then
//   npm run release -- --set-version 0.2.0  gives all packages that version
//   npm run release -- --publish          publishes; nothing else does
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine } from "./arguments.mjs";
import { faultsOfBuild } from "./release/built.mjs";
import { faultsOf, inOrder, withVersion } from "./release/plan.mjs";
import { publicFolders, readJson, root } from "./tarballs/packages.mjs";

/** @param {string} path */
const readManifest = (path) => readJson(join(root, path, "package.json"));

/** All packages that are to be published, dependencies first. */
function packages() {
  return inOrder(publicFolders().map((folder) => ({ folder, manifest: readManifest(folder) })));
}

/** What is in the way of publishing besides what the manifests say. */
function* faultsOfTree() {
  const changed = execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" });
  if (changed !== "") yield "the tree has changes that are not committed";
  for (const { folder } of packages())
    for (const fault of faultsOfBuild(join(root, folder))) yield `${folder}: ${fault}`;
}

/** @param {string} version */
function setVersion(version) {
  const own = packages();
  const names = new Set(own.map(({ manifest }) => manifest.name));
  for (const { folder } of own) {
    const path = join(root, folder, "package.json");
    writeFileSync(path, `${JSON.stringify(withVersion(readJson(path), version, names), null, 2)}\n`);
  }
  execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { cwd: root, stdio: "inherit" });
  console.log(`all packages are ${version}: rename "Unreleased" in CHANGELOG.md, and commit`);
}

function dryRun() {
  const wanted = packages().flatMap(({ folder }) => ["--workspace", folder]);
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", ...wanted];
  const packed = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 }));
  for (const { name, version, size, entryCount } of /** @type {any[]} */ (Object.values(packed)))
    console.log(`${name}@${version}  ${entryCount} files, ${(size / 1024).toFixed(1)} kB`);
}

/** One that is there already is passed over, so that a release which was cut off is run again. */
function publish() {
  for (const { folder, manifest } of packages()) {
    const spec = `${manifest.name}@${manifest.version}`;
    if (isPublished(spec)) console.log(`${spec} is there already`);
    else {
      const args = ["publish", "--provenance", "--access", "public", "--ignore-scripts", "--workspace", folder];
      execFileSync("npm", args, { cwd: root, stdio: "inherit" });
    }
  }
}

/** @param {string} spec */
function isPublished(spec) {
  try {
    return execFileSync("npm", ["view", spec, "version"], { encoding: "utf8", stdio: "pipe" }).trim() !== "";
  } catch (error) {
    if (String(/** @type {{ stderr?: unknown }} */ (error).stderr).includes("E404")) return false;
    throw error;
  }
}

const options = /** @type {const} */ ({
  "dry-run": { type: "boolean" },
  publish: { type: "boolean" },
  "set-version": { type: "string" },
});
const { values } = commandLine(() => parseArgs({ options }));
if (values["set-version"] !== undefined) setVersion(values["set-version"]);
else if (values["dry-run"] === values.publish) {
  console.error("say --dry-run, --set-version VERSION or --publish");
  process.exitCode = 2;
} else {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const faults = [
    ...faultsOf(
      packages().map(({ manifest }) => manifest),
      changelog,
    ),
    ...faultsOfTree(),
  ];
  for (const fault of faults) console.error(`in the way: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  if (values["dry-run"]) dryRun();
  else if (faults.length === 0) publish();
}
