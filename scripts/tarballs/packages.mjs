import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Manifest the parts of a package.json that are looked at
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, string | Record<string, string>>} exports
 * @property {string} [description]
 * @property {string} [license]
 * @property {string} [type]
 * @property {readonly string[]} [keywords]
 * @property {boolean | readonly string[]} [sideEffects]
 * @property {{ node?: string }} [engines]
 *
 * @typedef {object} Package
 * @property {string} folder
 * @property {Manifest} manifest
 * @property {string} tarball where `pack` put it
 * @property {readonly string[]} files what is in it
 */

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** @param {string} path */
export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** The folders of all packages that are to be published. */
export function publicFolders() {
  /** @type {string[]} */
  const patterns = readJson(join(root, "package.json")).workspaces;
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith("/*")) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((folder) => {
      const path = join(root, folder, "package.json");
      return existsSync(path) && !readJson(path).private && existsSync(join(root, folder, "src"));
    });
}

/**
 * Packs each package as npm would publish it.
 *
 * @param {readonly string[]} folders
 * @param {string} into
 * @returns {Package[]}
 */
export function pack(folders, into) {
  mkdirSync(into, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", into];
  for (const folder of folders) {
    if (!existsSync(join(root, folder, "dist"))) throw new Error(`${folder} is not built: npm run build`);
    args.push("--workspace", folder);
  }
  /** @type {readonly { name: string, filename: string, files: readonly { path: string }[] }[]} */
  const packed = Object.values(
    JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 })),
  );
  return folders.map((folder) => {
    const manifest = readJson(join(root, folder, "package.json"));
    const found = packed.find(({ name }) => name === manifest.name);
    if (!found) throw new Error(`npm pack made nothing of ${folder}`);
    return { folder, manifest, tarball: join(into, found.filename), files: found.files.map(({ path }) => path) };
  });
}

/**
 * Every specifier that leads to code.
 *
 * @param {readonly Package[]} packages
 */
export function specifiersOf(packages) {
  return packages.flatMap(({ manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === "object")
      .map(([subpath]) => manifest.name + subpath.slice(1)),
  );
}
