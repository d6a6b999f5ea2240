import type { Layout } from "@jobq/level";
import { VERSION_KEY } from "./keys.ts";
import { toVersion2 } from "./to-version-2.ts";

/** How the store is laid out; a change that older code cannot read adds a migration. */
export const LAYOUT: Layout = {
  versionKey: VERSION_KEY,
  packageName: "@jobq/job-level",
  migrations: [toVersion2],
};
