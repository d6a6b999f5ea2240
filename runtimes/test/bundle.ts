import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

/** Everything must be there: in CI, after a build. */
export const requireAll = process.env.JOBQ_TEST_REQUIRE_ALL !== undefined;

export const pathOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The file of a program in `node_modules` of this folder; undefined where it is missing and may be. */
export function binary(path: string): string | undefined {
  const file = pathOf(`node_modules/${path}`);
  return requireAll || existsSync(file) ? file : undefined;
}

const OPTIONS: BuildOptions = { bundle: true, format: "esm", target: "es2022", logLevel: "error" };
/** In CI the packages as they are built, else their sources, so that nothing stale is tested. */
export const conditions = requireAll ? [] : ["@jobq/source"];

/** Bundles a file of `src` for where it is to run; returns the path of what was made. */
export async function bundle(name: string, options: BuildOptions): Promise<string> {
  const outfile = pathOf(`tmp/${name}.mjs`);
  await build({ ...OPTIONS, conditions, entryPoints: [pathOf(`src/${name}.ts`)], outfile, ...options });
  return outfile;
}
