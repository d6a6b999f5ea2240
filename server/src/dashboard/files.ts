import type { StaticFile } from "../static/static-file.ts";

/** The script that bundles the dashboard; not named as an import, since it is no part of the package. */
const BUNDLER = new URL("../../dashboard/bundle.mjs", import.meta.url).href;

/** What the bundler exports. */
interface Bundler {
  readonly bundleDashboard: () => Promise<readonly StaticFile[]>;
}

let bundled: Promise<readonly StaticFile[]> | undefined;

/**
 * The files of the dashboard. From source they are bundled when they are first asked for; the build puts a module in
 * place of this one that has them in it.
 */
export function dashboardFiles(): Promise<readonly StaticFile[]> {
  bundled ??= (import(BUNDLER) as Promise<Bundler>).then(({ bundleDashboard }) => bundleDashboard());
  return bundled;
}
