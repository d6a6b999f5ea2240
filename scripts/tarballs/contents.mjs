import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "./packages.mjs";

/**
 * What a stranger would miss in the packages, or find too much.
 *
 * @param {readonly import("./packages.mjs").Package[]} packages
 * @returns {string[]}
 */
export function faultsOfContents(packages) {
  return packages.flatMap((pkg) =>
    [...faultsOfManifest(pkg.manifest), ...faultsOfFiles(pkg), ...faultsOfMaps(pkg)].map(
      (fault) => `${pkg.manifest.name}: ${fault}`,
    ),
  );
}

/** @param {import("./packages.mjs").Manifest} manifest */
function* faultsOfManifest(manifest) {
  if (!manifest.description) yield "says in no description what it is";
  if (manifest.license !== "MIT") yield "names no licence";
  if (manifest.type !== "module") yield "is no ES module";
  if (!manifest.keywords?.length) yield "has no keywords";
  if (manifest.sideEffects === undefined) yield "does not say whether it has side effects";
  if (manifest.engines?.node !== ">=20.19.0") yield "does not say which Node it needs";
}

/** @param {import("./packages.mjs").Package} pkg */
function* faultsOfFiles({ manifest, files, folder }) {
  for (const file of ["LICENSE", "README.md"]) if (!files.includes(file)) yield `has no ${file}`;
  for (const target of Object.values(manifest.exports)) {
    for (const file of typeof target === "object" ? Object.values(target) : [target])
      if (!files.includes(posix.normalize(file))) yield `exports ${file}, which is not in it`;
  }
  const wanted = /^(LICENSE|README\.md|package\.json|dist\/.+|src\/.+)$/;
  for (const file of files) if (!wanted.test(file) || file.includes(".test.")) yield `has ${file} in it`;
  if (readFileSync(join(root, folder, "LICENSE"), "utf8") !== readFileSync(join(root, "LICENSE"), "utf8"))
    yield "has another LICENSE than the repository";
}

/** @param {import("./packages.mjs").Package} pkg Maps lead to the sources in the package, and do not bring them again. */
function* faultsOfMaps({ files, folder, tarball }) {
  const maps = files.filter((file) => file.endsWith(".js.map"));
  for (const map of maps) {
    const text = execFileSync("tar", ["-xOzf", tarball, `package/${map}`], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const { sources, sourcesContent } = JSON.parse(text);
    if (sourcesContent) yield `has its sources twice, also in ${map}`;
    for (const source of sources) {
      const file = posix.join(posix.dirname(map), source);
      if (!files.includes(file)) yield `${map} leads to ${file}, which is not in it (${folder})`;
    }
  }
}
