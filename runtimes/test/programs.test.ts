import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { binary, bundle } from "./bundle.ts";
import { facts } from "./facts.ts";

const run = promisify(execFile);

let program: string;
beforeAll(async () => {
  program = await bundle("program", { platform: "node", external: ["classic-level", "abstract-level"] });
});

const runtimes: readonly (readonly [name: string, file: string | undefined, args: readonly string[]])[] = [
  ["the Node that runs the tests", process.execPath, []],
  ["Node 22", binary("node22/bin/node"), []],
  ["Node 24", binary("node24/bin/node"), []],
  ["Node 26", binary("node26/bin/node"), []],
  [
    "Deno",
    binary("@deno/linux-x64-glibc/deno"),
    [
      ...["run", "--no-remote", "--no-config", "--no-lock", "--node-modules-dir=manual"],
      ...["--allow-read", "--allow-write", "--allow-ffi", "--allow-env", "--allow-sys"],
    ],
  ],
  ["Bun", binary("@oven/bun-linux-x64/bin/bun"), ["--no-install", "run"]],
];

describe("in memory and on LevelDB, the promises are kept by", () => {
  for (const [name, file, args] of runtimes) {
    it.skipIf(!file)(name, { timeout: 120_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), "jobq-runtime-"));
      try {
        const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", NODE_OPTIONS: "" };
        const { stdout } = await run(file as string, [...args, program, folder], { env, timeout: 100_000 });
        expect(JSON.parse(stdout)).toEqual({ memory: facts, store: facts });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
