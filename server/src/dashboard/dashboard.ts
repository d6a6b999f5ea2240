import type { StaticPage } from "../static/static-file.ts";
import { dashboardFiles } from "./files.ts";

/**
 * The dashboard, for the option `dashboard` of `createServer`, which serves it at `/`. Its files are part of this module:
 * nothing is read from a disk, and what does not import it does not carry it.
 */
export function dashboard(): StaticPage {
  return { files: dashboardFiles };
}
