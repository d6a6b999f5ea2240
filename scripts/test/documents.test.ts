import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

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

test("every guide is in the index", () => {
  const index = read("docs/README.md");
  expect(guides.filter((name) => name !== "README.md" && !index.includes(`](${name})`))).toEqual([]);
});

test("links to a heading lead to one", () => {
  const lost = ["README.md", ...guides.map((name) => `docs/${name}`)].flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)\s:#]*\.md)?#([^)\s]+)\)/g)]
      .filter(([, file, anchor]) => !anchorsOf(file ? join(document, "..", file) : document).has(anchor as string))
      .map(([link]) => `${document}: ${link}`),
  );
  expect(lost).toEqual([]);
});

/** The anchors that a page of Markdown has, as they are made from its headings. */
function anchorsOf(document: string): Set<string> {
  const headings = [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading as string);
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

test("the speeds in the table of adapters are those that were measured", () => {
  const page = read("docs/choosing-adapters.md");
  const measured = (group: string, id: string, name: string): string => {
    const { workloads } = JSON.parse(read(`bench/results/${group}.json`)) as Results;
    const found = workloads.find((workload) => workload.id === id)?.contenders.find((one) => one.name === name);
    return `${Math.round((found?.value ?? Number.NaN) / 1000)} k`;
  };
  const cells = (row: string): string[] | undefined =>
    page
      .split("\n")
      .find((line) => line.startsWith(`| ${row}`))
      ?.split("|")
      .slice(5, 7)
      .map((cell) => cell.trim());
  const both = (group: string, name: string) => [measured(group, "enqueue", name), measured(group, "drain", name)];
  expect(cells("memory")).toEqual(["", `${measured("memory", "life", "jobq")} whole lives`]);
  expect(cells("LevelDB, fsynced")).toEqual(both("level", "jobq, machine"));
  expect(cells("LevelDB, `durability")).toEqual(both("level", "jobq, process"));
  expect(cells("SQLite")).toEqual(both("sqlite", "jobq, machine"));
  expect(cells("PostgreSQL")).toEqual(both("postgres", "jobq"));
  expect(cells("MySQL")).toEqual(both("mariadb", "jobq"));
});
