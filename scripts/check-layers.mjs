// Fails when a package imports against the direction that scripts/layers.mjs states.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { layers } from "./layers.mjs";

/**
 * @typedef {object} Manifest the parts of a package.json that are looked at
 * @property {Record<string, string | Record<string, string>>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 *
 * @typedef {object} Package
 * @property {string} folder relative to the root, as in layers.mjs
 * @property {Manifest} manifest
 * @property {Readonly<Record<string, string>>} files text by path relative to src
 */

/**
 * The imports of a package that its layer forbids, one line each.
 *
 * @param {Package} pkg
 * @param {import("./layers.mjs").Layer | undefined} layer
 * @returns {string[]}
 */
export function violations(pkg, layer) {
  if (!layer) return [`${pkg.folder}: has no line in scripts/layers.mjs`];
  const modules = layer.modules ? modulesOf(pkg.manifest, layer.modules) : new Map();
  const found = [];
  for (const name of dependenciesOf(pkg.manifest)) {
    if (!allows(layer.imports, name) && !layer.passesOn?.includes(name) && !allows(ofModules(layer), name))
      found.push(`${pkg.folder}/package.json: must not depend on "${name}"`);
  }
  for (const [file, text] of Object.entries(pkg.files)) {
    for (const { specifier, line } of importsOf(text)) {
      const fault = specifier.startsWith(".")
        ? insideFault(file, posix.join(posix.dirname(file), specifier), layer.modules, modules)
        : allows(layer.imports, specifier) || allows(ofModule(layer, file, modules), specifier)
          ? undefined
          : "this layer must not import it";
      if (fault) found.push(`${pkg.folder}/src/${file}:${line}: "${specifier}": ${fault}`);
    }
  }
  return found;
}

/**
 * @param {string} file
 * @param {string} target both relative to src
 * @param {import("./layers.mjs").ModuleRule | undefined} rule
 * @param {ReadonlyMap<string, string>} modules name -> entry file
 */
function insideFault(file, target, rule, modules) {
  if (target.startsWith("../")) return "leaves the package; import it by its name";
  if (!rule) return undefined;
  const from = moduleOf(file, modules);
  const to = moduleOf(target, modules);
  if (from === to) return undefined;
  if (!from) return `the body of the package must not import the module "${to}"`;
  if (!to) return rule.seam.includes(target) ? undefined : `a module imports only ${rule.seam.join(", ")} from outside`;
  if (rule.uses[from]?.includes(to) && modules.get(to) === target) return undefined;
  return `the module "${from}" must not import the module "${to}"`;
}

/**
 * @param {string} file
 * @param {ReadonlyMap<string, string>} modules
 */
function moduleOf(file, modules) {
  for (const [name, entry] of modules) if (file === entry || file.startsWith(`${name}/`)) return name;
  return undefined;
}

/**
 * The modules of a package: its subpaths that lead to a source, but for the seam.
 *
 * @param {Manifest} manifest
 * @param {import("./layers.mjs").ModuleRule} rule
 * @returns {Map<string, string>} name -> entry file
 */
function modulesOf(manifest, rule) {
  const entries = new Map();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    const source = typeof target === "object" ? target["@jobq/source"] : undefined;
    const file = source?.replace(/^\.\/src\//, "");
    if (subpath !== "." && file && !rule.seam.includes(file)) entries.set(subpath.slice(2), file);
  }
  return entries;
}

/** @param {Manifest} manifest */
function dependenciesOf(manifest) {
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies });
}

/**
 * The packages that some module may import.
 *
 * @param {import("./layers.mjs").Layer} layer
 */
function ofModules(layer) {
  return Object.values(layer.modules?.packages ?? {}).flat();
}

/**
 * The packages that the module of this file may import, beyond those of its layer.
 *
 * @param {import("./layers.mjs").Layer} layer
 * @param {string} file
 * @param {ReadonlyMap<string, string>} modules
 */
function ofModule(layer, file, modules) {
  return layer.modules?.packages?.[moduleOf(file, modules) ?? ""] ?? [];
}

/**
 * @param {readonly string[]} patterns
 * @param {string} specifier
 */
function allows(patterns, specifier) {
  return patterns.some((pattern) =>
    pattern.endsWith("*")
      ? specifier.startsWith(pattern.slice(0, -1))
      : specifier === pattern || specifier.startsWith(`${pattern}/`),
  );
}

/** @param {string} text */
function importsOf(text) {
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
  return [...importedFiles, ...typeReferenceDirectives].map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split("\n").length,
  }));
}

/**
 * @param {string} root
 * @returns {Package[]}
 */
function readPackages(root) {
  const { workspaces } = readJson(join(root, "package.json"));
  return workspaces.flatMap(foldersOf).map((/** @type {string} */ folder) => {
    const src = join(root, folder, "src");
    const paths = existsSync(src) ? readdirSync(src, { recursive: true, encoding: "utf8" }) : [];
    const files = paths
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
      .map((path) => [path.split(sep).join("/"), readFileSync(join(src, path), "utf8")]);
    return { folder, manifest: readJson(join(root, folder, "package.json")), files: Object.fromEntries(files) };
  });

  /** @param {string} pattern */
  function foldersOf(pattern) {
    if (!pattern.endsWith("/*")) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent))
      .filter((name) => existsSync(join(root, parent, name, "package.json")))
      .map((name) => `${parent}/${name}`);
  }
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] && relative(process.argv[1], self) === "") {
  const packages = readPackages(fileURLToPath(new URL("..", import.meta.url)));
  const faults = packages.flatMap((pkg) => violations(pkg, layers[pkg.folder]));
  for (const fault of faults) console.error(fault);
  console.log(`layers: ${packages.length} packages, ${faults.length} wrong imports`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
