import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "docs/coming-from.md"), "utf8");

/** The other queues are installed with the benchmarks: `npm ci --prefix bench`. */
const queues = [
  { heading: "BullMQ", folder: "bullmq/dist/esm" },
  { heading: "pg-boss", folder: "pg-boss-12/dist" },
  { heading: "graphile-worker", folder: "graphile-worker-18" },
  { heading: "DBOS", folder: "@dbos-inc/dbos-sdk/dist" },
].map((queue) => ({ ...queue, folder: join(root, "bench/node_modules", queue.folder) }));

/** What a reader puts in is no name of the package. */
const PLACEHOLDERS = new Set([
  "boss",
  "data",
  "fn",
  "handle",
  "id",
  "ms",
  "new",
  "options",
  "payload",
  "queue",
  "task",
  "throw",
]);
/** Not in the declarations: a schema of the database, and an option in a crontab. */
const ELSEWHERE = new Set(["graphile_worker", "fill"]);

/** The names that the left column of a table uses, without what stands in quotes. */
function namesIn(heading: string): string[] {
  const [section = ""] = (page.split(`\n## ${heading}\n`)[1] ?? "").split("\n## ");
  const spans = section
    .split("\n")
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code as string));
  const names = spans.flatMap((code) => code.replaceAll(/"[^"]*"/g, "").match(/[A-Za-z_]\w+/g) ?? []);
  return [...new Set(names)].filter((name) => ![PLACEHOLDERS, ELSEWHERE].some((known) => known.has(name)));
}

/** What a package declares to TypeScript and to its database, without comments. */
function declarationsOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(d\.ts|sql)$/.test(file) && !file.includes("node_modules"))
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""))
    .join("\n");
}

it.each(queues)("the names in the table of $heading are its own", ({ heading, folder }) => {
  const isMissing = process.env.JOBQ_TEST_REQUIRE_ALL === undefined && !existsSync(folder);
  if (isMissing) return console.log(`${heading} is not installed: npm ci --prefix bench`);
  const names = namesIn(heading);
  const declared = new Set(declarationsOf(folder).match(/[A-Za-z_]\w+/g));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !declared.has(name))).toEqual([]);
});
