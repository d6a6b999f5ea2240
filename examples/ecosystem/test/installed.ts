import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const folder = fileURLToPath(new URL("..", import.meta.url));

/** They are large, so `npm ci` at the root leaves them out: `npm ci --prefix examples/ecosystem`. */
export const isMissing = process.env.JOBQ_TEST_REQUIRE_ALL === undefined && !existsSync(`${folder}node_modules`);

/** Makes the client of Prisma. Its schema engine, which has to be fetched from elsewhere, is not needed for that. */
export function generatePrisma(): void {
  execFileSync("npm", ["run", "--silent", "generate"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}
