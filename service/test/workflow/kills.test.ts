import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mysql, postgres, sqlite, type TestDatabase } from "../../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../../adapters/sql-kysely/test/suites.ts";
import type { RunOrder } from "./run-process.ts";

const HERE = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = join(HERE, "tmp", `run-process-${process.pid}.mjs`);
/** More than there are checkpoints. */
const MOST = 40;
/** What an undisturbed run comes to. */
const GOOD = { a: 1, signal: "went", parts: [10, 20], five: 5, z: 2 };
/** What it does on the way, each once. */
const DONE = ["a", "flaky 1", "flaky 2", "part 1", "part 2", "z"];

let folder: string;
/** One file of plain JavaScript, so that a process is there at once. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jobq-kills-"));
  await build({
    entryPoints: [join(HERE, "test", "workflow", "run-process.ts")],
    outfile: SCRIPT,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jobq/source"],
    external: ["abstract-level", "classic-level", "kysely", "libsql", "mysql2", "pg"],
  });
});
afterAll(() => {
  rmSync(SCRIPT, { force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Processes that are killed one after the other, each at its next checkpoint, until one brings the run to its end. */
async function killed(name: string, store: RunOrder["store"], dies: RunOrder["dies"]) {
  const log = join(folder, `${name} ${dies.when}.log`);
  for (let kills = 0; kills < MOST; kills++) {
    const order = JSON.stringify({ store, log, dies } satisfies RunOrder);
    const child: ChildProcess = spawn(process.execPath, [SCRIPT, order], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const said = await text(child.stdout as NodeJS.ReadableStream);
    const [code, signal] = (await ended) as [number | null, string | null];
    if (signal === "SIGKILL") continue;
    return { kills, code, ending: JSON.parse(said), did: readFileSync(log, "utf8").trim().split("\n").sort() };
  }
  throw new Error(`the run has not ended after ${MOST} processes`);
}

type Open = (when: string) => RunOrder["store"] | Promise<RunOrder["store"]>;

function diesAfter(name: string, store: Open): void {
  it("a run whose process is killed after every checkpoint does everything once", async () => {
    const { kills, code, ending, did } = await killed(name, await store("after"), { at: 0, when: "after" });
    expect([code, ending]).toEqual([0, { state: "done", result: GOOD }]);
    expect(did).toEqual(DONE);
    expect(kills).toBeGreaterThan(6);
  });
}

function diesBefore(name: string, store: Open): void {
  it("a run whose process is killed before every checkpoint but one does nothing again that was recorded", async () => {
    const { kills, code, ending, did } = await killed(name, await store("before"), { at: 1, when: "before" });
    expect([code, ending]).toEqual([0, { state: "done", result: GOOD }]);
    expect([...new Set(did)]).toEqual(DONE);
    for (const what of DONE) expect(did.filter((one) => one === what).length).toBeLessThanOrEqual(2);
    expect(kills).toBeGreaterThan(5);
  });
}

describe("LevelDB", () => {
  const open = (when: string) => ({ folder: join(folder, `level-${when}`) });
  diesAfter("LevelDB", open);
  diesBefore("LevelDB", open);
});

/** The database, emptied. */
async function emptied(database: TestDatabase): Promise<RunOrder["store"]> {
  const { dialect, options, url = "" } = database;
  await database.clear();
  return { dialect, options, url };
}

await describeOn(sqlite, (database) => diesAfter("SQLite", () => emptied(database)));
for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => diesBefore(kind.name, () => emptied(database)));
}
