import { readdir, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expected, freshFolder, run } from "./run.ts";

const examples = [
  ...[
    "batch-consumer",
    "bundle",
    "custom-adapter",
    "delayed-jobs",
    "encryption",
    "fleet",
    "mixing-repositories",
    "moving",
    "observability",
  ],
  ...["nightly-report", "outbox"],
  ...["polite-client", "retry-and-backoff", "split-topics", "testing", "topic-mirror", "waiting", "worker"],
  ...["agent", "approval", "fan-out", "order-processing", "strict-workflow", "workflow-versions"],
];
/** Not a program, but what some of them share. */
const shared = ["open-database"];

let folder: string;
beforeAll(async () => {
  folder = await freshFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.concurrent("the examples", () => {
  it.each(examples)("%s prints what it is said to print", { timeout: 60_000 }, async (name) => {
    const { stdout, stderr, code } = await run(name, [], folder);
    expect({ stdout, stderr, code }).toEqual({ stdout: await expected(name), stderr: "", code: 0 });
  });

  it("are all of them tested", async () => {
    const sources = await readdir(new URL("../src/", import.meta.url));
    const names = sources.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
    expect(names.sort()).toEqual([...examples, ...shared, "invoices"].sort());
  });
});
