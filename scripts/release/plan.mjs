/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {{ url?: string }} [repository]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [devDependencies]
 * @property {Readonly<Record<string, string>>} [peerDependencies]
 */

/**
 * Each after those it depends on, so that who installs in the middle of a release finds all that it needs.
 *
 * @template {{ manifest: Manifest }} Package
 * @param {readonly Package[]} packages
 * @returns {Package[]}
 */
export function inOrder(packages) {
  const byName = new Map(packages.map((one) => [one.manifest.name, one]));
  /** @type {Set<Package>} */
  const ordered = new Set();
  /** @param {Package} one */
  const visit = (one) => {
    if (ordered.has(one)) return;
    for (const name of Object.keys(one.manifest.dependencies ?? {})) {
      const needed = byName.get(name);
      if (needed) visit(needed);
    }
    ordered.add(one);
  };
  for (const one of packages) visit(one);
  return [...ordered];
}

/**
 * What the manifests and the changelog say against a release.
 *
 * @param {readonly Manifest[]} manifests
 * @param {string} changelog
 */
export function* faultsOf(manifests, changelog) {
  const version = manifests[0]?.version ?? "";
  const names = new Set(manifests.map(({ name }) => name));
  for (const manifest of manifests) {
    if (manifest.version !== version) yield `${manifest.name} is ${manifest.version}, not ${version}`;
    if (!manifest.repository?.url) yield `${manifest.name} names no repository, which provenance is about`;
    for (const [name, range] of Object.entries(manifest.dependencies ?? {}))
      if (names.has(name) && range !== version) yield `${manifest.name} wants ${name} ${range}, not ${version}`;
  }
  const headings = changelog.split("\n").filter((line) => line.startsWith("## "));
  if (!headings.some((line) => line.split(" ")[1] === version)) yield `CHANGELOG.md says nothing of ${version}`;
}

/**
 * A manifest with that version, of itself and of those of ours that it depends on.
 *
 * @template {Manifest} M
 * @param {M} manifest
 * @param {string} version
 * @param {ReadonlySet<string>} names
 * @returns {M}
 */
export function withVersion(manifest, version, names) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) throw new RangeError(`not a version: ${version}`);
  /** @param {Readonly<Record<string, string>>} dependencies */
  const inStep = (dependencies) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, names.has(name) ? version : range]));
  const changed = { ...manifest, version };
  for (const kind of /** @type {const} */ (["dependencies", "devDependencies", "peerDependencies"])) {
    const dependencies = manifest[kind];
    if (dependencies) changed[kind] = inStep(dependencies);
  }
  return changed;
}
