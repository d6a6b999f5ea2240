// Packs every package and uses the tarballs as strangers would, in fresh projects with the oldest and the newest versions
// of what they go with: imported, required, type-checked, bundled for the browser. Needs the packages built.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultsOfBundles } from "./tarballs/bundles.mjs";
import { faultsOfTypes, load } from "./tarballs/consume.mjs";
import { faultsOfContents } from "./tarballs/contents.mjs";
import { pack, publicFolders, specifiersOf } from "./tarballs/packages.mjs";
import { createProject, NEWEST, OLDEST } from "./tarballs/project.mjs";
import { useDatabase } from "./tarballs/use-database.mjs";

const started = performance.now();
/** @param {string} doing */
const say = (doing) => console.log(`tarballs: ${((performance.now() - started) / 1000).toFixed(1)} s ${doing}`);

/** @param {string} folder */
async function check(folder) {
  const packages = pack(publicFolders(), join(folder, "tarballs"));
  const specifiers = specifiersOf(packages);
  const faults = faultsOfContents(packages);
  say(`${packages.length} packages packed`);

  const ends = { oldest: OLDEST, newest: NEWEST };
  await Promise.all(
    Object.entries(ends).map(async ([end, versions]) => {
      const project = join(folder, end);
      await createProject(project, packages, versions);
      say(`${end}: installed`);
      await load(project, specifiers);
      await useDatabase(project);
      faults.push(...(await faultsOfTypes(project, specifiers)).map((fault) => `${end}: ${fault}`));
      say(`${end}: imported, required, used, type-checked by ${versions.typescript}`);
    }),
  );
  faults.push(
    ...(await faultsOfBundles(
      join(folder, "newest"),
      specifiers.filter((name) => name !== "@jobq/cli"),
    )),
  );
  say(`bundled by esbuild, rollup, vite and webpack; ${specifiers.length} entries`);
  return faults;
}

const folder = mkdtempSync(join(tmpdir(), "jobq-tarballs-"));
try {
  const faults = await check(folder);
  for (const fault of faults) console.error(fault);
  say(`${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  if (!process.env.JOBQ_KEEP) rmSync(folder, { recursive: true, force: true });
  else console.log(folder);
}
