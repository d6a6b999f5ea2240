// jobq from source, but as an application ships it: one file, nothing transformed at run time.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = dirname(here.replace(/\/$/, ""));
const dist = join(here, "dist");
const IN_ROUND = "JOBQ_BENCH_BUNDLE";
const CURRENT = join(dist, "jobq.mjs");

/** The jobq that a round measures: that of the working tree, or an earlier commit's. */
export const load = () => import(pathToFileURL(process.env[IN_ROUND] ?? CURRENT).href);

/** Part of what names a store that rounds share: no commit reads what another has made. */
export const storeTag = () => process.env[IN_ROUND]?.match(/jobq-(\w+)\.mjs$/)?.[1] ?? "current";

/** What a round's process is told to measure this commit instead of the working tree. */
export const environmentOf = (commit) => (commit === undefined ? {} : { [IN_ROUND]: bundleOf(commit) });

const bundleOf = (commit) => join(dist, `jobq-${commit}.mjs`);

/** Bundles the working tree. */
export const bundleTree = () => bundle(root, CURRENT);

/** Bundles a commit, which is checked out for that, with the drivers of the working tree. */
export async function bundleCommit(commit) {
  const tree = join(dist, `tree-${commit}`);
  const git = (...words) => execFileSync("git", ["-C", root, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  await rm(tree, { recursive: true, force: true });
  git("worktree", "prune");
  git("worktree", "add", "--detach", tree, commit);
  try {
    await linkPackages(tree);
    await bundle(tree, bundleOf(commit));
  } finally {
    git("worktree", "remove", "--force", tree);
  }
}

/** Without this the packages of the working tree, which is above, would be found. */
async function linkPackages(tree) {
  const scope = join(tree, "node_modules/@jobq");
  await mkdir(scope, { recursive: true });
  for (const folder of [tree, join(tree, "adapters")]) {
    for (const entry of await readdir(folder)) {
      const manifest = await readFile(join(folder, entry, "package.json"), "utf8").catch(() => "{}");
      const { name = "" } = JSON.parse(manifest);
      if (name.startsWith("@jobq/")) await symlink(join(folder, entry), join(tree, "node_modules", name));
    }
  }
}

async function bundle(tree, outfile) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(tree, "bench/jobq.mjs")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@jobq/source"],
    external: ["classic-level", "hono", "abstract-level", "kysely", "pg"],
    logLevel: "warning",
  });
}
