import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT_CODES } from "@jobq/cli";
import { expect, test } from "vitest";
import { FAULT_STATUS } from "../../server/src/fault.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

test("every code of an error is explained, and none that there is not", () => {
  const source = read("core/src/errors.ts");
  const union = source.slice(source.indexOf("JobqErrorCode ="), source.indexOf('";') + 1);
  const codes = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  const explained = [...read("docs/errors.md").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  expect(explained.sort()).toEqual(codes.sort());
});

test("every error has a cause and a cure", () => {
  const rows = read("docs/errors.md").match(/^\| `[A-Z_]+` \|.*$/gm) ?? [];
  const told = (row: string): boolean => row.split(" | ").every((cell) => /\w/.test(cell));
  expect(rows.filter((row) => row.split(" | ").length !== 3 || !told(row))).toEqual([]);
});

test("every code of the HTTP API is explained with its status", () => {
  const explained = [...read("docs/http-api.md").matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) \| ([\d, ]+) \|/gm)].flatMap(
    ([, codes = "", statuses = ""]) =>
      codes.split(", ").map((code, at) => [code.slice(1, -1), Number(statuses.split(", ")[at])]),
  );
  expect(Object.fromEntries(explained)).toEqual(FAULT_STATUS);
});

test("every exit code of the command is explained", () => {
  const explained = [...read("docs/command-line.md").matchAll(/^\| (\d+(?:, \d+)*) \|/gm)].flatMap(([, codes = ""]) =>
    codes.split(", ").map(Number),
  );
  expect(explained).toEqual(Object.values(EXIT_CODES));
});

test.each<[document: string, heading: string, sources: Readonly<Record<string, string>>]>([
  ["docs/service.md", "## Options of `createService`", { SERVICE_OPTIONS: "service/src/input/service-settings.ts" }],
  [
    ...(["docs/service.md", "## `enqueue(topic"] as const),
    { ENQUEUE_OPTIONS: "service/src/input/enqueue-options.ts", JOB_DEFAULTS: "service/src/input/job-defaults.ts" },
  ],
  ["docs/service.md", "## `reserve(topic", { RESERVE_OPTIONS: "service/src/input/reserve-request.ts" }],
  ["docs/workers.md", "## Options of a worker", { OPTIONS: "service/src/worker/worker-options.ts" }],
  ["docs/schedules.md", "## `set(name", { SCHEDULE_OPTIONS: "service/src/cron/schedule/schedule-options.ts" }],
])("%s has every option under %s, and none that there is not", (document, heading, sources) => {
  const page = read(document);
  const section = page.slice(page.indexOf(`\n${heading}`) + 1).split("\n## ")[0] as string;
  const table = section.slice(section.indexOf("\n| option |")).split("\n\n")[0] as string;
  const explained = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) => cell.match(/\w+(?=`)/g) ?? []);
  const known = Object.entries(sources).flatMap(([name, source]) => {
    const code = read(source);
    const object = code.slice(code.indexOf(`const ${name}:`)).split("}")[0] as string;
    return [...object.matchAll(/(\w+): true/g)].map(([, option]) => option);
  });
  expect(known.length).toBeGreaterThan(2);
  expect(explained.sort()).toEqual(known.sort());
});

test("every guide is in the index", () => {
  const index = read("docs/README.md");
  expect(guides.filter((name) => name !== "README.md" && !index.includes(`](${name})`))).toEqual([]);
});

test("the site of npm run docs knows every language that a guide has code in", () => {
  const { highlightLanguages: known } = JSON.parse(read("typedoc.json")) as { highlightLanguages: readonly string[] };
  const whole: Readonly<Record<string, string>> = { js: "javascript", sh: "bash", ts: "typescript" };
  const fences = guides.flatMap((name) => [...read(`docs/${name}`).matchAll(/^```(\w+)/gm)]);
  const used = new Set(fences.map(([, language = ""]) => whole[language] ?? language));
  expect([...used].filter((language) => language !== "text" && !known.includes(language))).toEqual([]);
});

test("links to a heading lead to one", () => {
  const lost = ["README.md", ...guides.map((name) => `docs/${name}`)].flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)\s:#]*\.md)?#([^)\s]+)\)/g)]
      .filter(([, file, anchor]) => !anchorsOf(file ? join(document, "..", file) : document).has(anchor as string))
      .map(([link]) => `${document}: ${link}`),
  );
  expect(lost).toEqual([]);
});

/** The anchors that a page of Markdown has, as they are made from its headings; of one with code the site makes another. */
function anchorsOf(document: string): Set<string> {
  const headings = [...read(document).matchAll(/^#+ ([^`\n]+)$/gm)].map(([, heading]) => heading as string);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

interface Results {
  readonly workloads: readonly {
    readonly id: string;
    readonly contenders: readonly { readonly name: string; readonly value: number }[];
  }[];
}

/** The median of a contender in the newest results. */
function measured(group: string, id: string, name: string): number {
  const { workloads } = JSON.parse(read(`bench/results/${group}.json`)) as Results;
  const found = workloads.find((workload) => workload.id === id)?.contenders.find((one) => one.name === name);
  if (!found) throw new Error(`nothing was measured of ${group}, ${id}, ${name}`);
  return found.value;
}

/** The cells of a table's row, by what its first cell begins with. */
function cellsOf(document: string, row: string): string[] {
  const line = read(document)
    .split("\n")
    .find((text) => text.startsWith(`| ${row}`));
  return line?.split("|").map((cell) => cell.trim()) ?? [];
}

const thousands = (value: number): string => `${Math.round(value / 1000)} k`;

test("the speeds in the table of adapters are those that were measured", () => {
  const cells = (row: string) => cellsOf("docs/choosing-adapters.md", row).slice(5, 7);
  const both = (group: string, name: string) => ["enqueue", "drain"].map((id) => thousands(measured(group, id, name)));
  expect(cells("memory")).toEqual(["", `${thousands(measured("memory", "life", "jobq"))} whole lives`]);
  expect(cells("LevelDB, fsynced")).toEqual(both("level", "jobq, machine"));
  expect(cells("LevelDB, `durability")).toEqual(both("level", "jobq, process"));
  expect(cells("SQLite")).toEqual(both("sqlite", "jobq, machine"));
  expect(cells("PostgreSQL")).toEqual(both("postgres", "jobq"));
  expect(cells("MySQL")).toEqual(both("mariadb", "jobq"));
});

test.each([
  ["jobs drained per second, fsynced", "level", "drain", "jobq, machine", "BullMQ on Redis"],
  ["jobs enqueued per second", "level", "enqueue", "jobq, machine", "BullMQ on Redis"],
  ["the same on PostgreSQL", "postgres", "enqueue", "jobq", "pg-boss", "graphile-worker"],
  ["jobs drained per second on PostgreSQL", "postgres", "drain", "jobq", "pg-boss", "graphile-worker"],
  ["ms from enqueue to the start", "postgres", "idle", "jobq", "pg-boss", "graphile-worker"],
])("the numbers of the README in the row %s are those that were measured", (row, group, id, ...names) => {
  const [, , ours = "", peers = ""] = cellsOf("README.md", row);
  const values = names.map((name) => measured(group, id, name));
  const written = values.map((value) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en")));
  expect(`${ours} ${peers}`.match(/\d[\d,.]*/g)).toEqual(written);
});

test("what one PostgreSQL carries is as it was measured", () => {
  const cell = (row: string) => cellsOf("docs/scaling.md", row)[2];
  const rate = (id: string, name = "jobq") => thousands(measured("postgres", id, name));
  const ms = (name: string) => `${measured("postgres", "backlog", name).toFixed(1)} ms`;
  expect(cell("100 callers enqueue, one")).toBe(rate("enqueue"));
  expect(cell("a thousand a call")).toBe(rate("bulk"));
  expect(cell("one process drains by four loops")).toBe(rate("drain"));
  expect(cell("one process drains by one loop")).toBe(
    `${rate("fleet", "jobq, one process")}; ${rate("fleet", "jobq, 4 processes")}`,
  );
  expect(cell("reserve a hundred")).toBe(`${ms("jobq, 10,000 ready")}; ${ms("jobq, 1,000,000 ready")}`);
});
