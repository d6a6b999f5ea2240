import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jobRepositoryCases, pairCases, topicRepositoryCases } from "@jobq/conformance";
import ts from "typescript";
import { expect, test } from "vitest";
import { type Snippet, snippetsOf } from "./snippets.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** A block that is a part of a file. */
const FROM = /<!-- from (\S+\.ts) -->\n```\w+\n([\s\S]*?)```/g;

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "examples/README.md",
  "examples/container/README.md",
  "runtimes/README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...[
    "core",
    "service",
    "jobq",
    "server",
    "cli",
    "conformance",
    ...readdirSync(join(root, "adapters")).map((name) => `adapters/${name}`),
  ].map((folder) => `${folder}/README.md`),
];
const snippets = documents.flatMap((document) => snippetsOf(document, read(document)));

test("every program in the documents passes the type check, and one with a fault does not", {
  timeout: 120_000,
}, () => {
  const bad = '```ts\nimport { createService } from "@jobq/service";\n\ncreateService(1);\n```\n';
  expect(snippets.length).toBeGreaterThan(10);
  expect(faultsOf([...snippets, ...snippetsOf("bad.md", bad)])).toEqual([expect.stringMatching(/^bad\.md:4 /)]);
});

const running = snippets.filter(({ prints }) => prints !== undefined);

test("the first program of the README runs", () => {
  expect(running.map(({ document }) => document)).toContain("README.md");
});

test.each(running)("the program at $document:$line prints what the document says", { timeout: 60_000 }, (snippet) => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp/snippet-"));
  try {
    writeFileSync(join(folder, "program.ts"), snippet.code);
    const args = ["--import", "tsx", "--conditions=@jobq/source", "program.ts"];
    expect(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" })).toBe(snippet.prints);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a document takes from a file is what stands there", () => {
  const taken = documents.flatMap((document) => [...read(document).matchAll(FROM)]);
  expect(taken.length).toBeGreaterThan(0);
  for (const [, file, code] of taken) expect(read(file as string)).toContain(code);
});

test("every case of the kit that a document cites is there", () => {
  const known = new Set([...jobRepositoryCases, ...topicRepositoryCases, ...pairCases].map(({ id }) => id));
  const cited = documents.flatMap((document) => read(document).match(/\b[JTP]-\d+/g) ?? []);
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter((id) => !known.has(id))).toEqual([]);
});

test("every link between the documents leads somewhere", () => {
  const lost = documents.flatMap((document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map((link) => link[1] as string);
    return links
      .filter((link) => !/^\w+:/.test(link) && !exists(join(document, "..", link)))
      .map((link) => `${document}: ${link}`);
  });
  expect(lost).toEqual([]);
});

test("the page of a package says where links lead that leave the package", () => {
  const pages = documents.filter(
    (document) => document.endsWith("/README.md") && exists(join(document, "../package.json")),
  );
  expect(pages.length).toBeGreaterThan(10);
  const silent = pages.filter((page) => {
    const text = read(page);
    return text.includes("](../") && !text.includes("Links that leave this folder lead to");
  });
  expect(silent).toEqual([]);
});

function exists(path: string): boolean {
  return ts.sys.fileExists(join(root, path)) || ts.sys.directoryExists(join(root, path));
}

/** What the compiler has to say of the programs, each as a file of its own in the repository. */
function faultsOf(programs: readonly Snippet[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const files = new Map(
    programs.map((snippet) => [
      join(root, "tmp", `${snippet.document.replaceAll("/", "-")}-${snippet.line}.ts`),
      { snippet, text: `${snippet.code}\nexport {};\n` },
    ]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const file = files.get(path);
    return file ? ts.createSourceFile(path, file.text, target) : getSourceFile(path, target, ...rest);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, { snippet }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      return `${snippet.document}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    }),
  );
}
