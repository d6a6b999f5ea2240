import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { testJob } from "@jobq/conformance";
import { levelJobs } from "@jobq/job-level";
import { ensureVersion, type Level } from "@jobq/level";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { LAYOUT } from "../src/layout/layout.ts";
import { directory } from "./databases.ts";

const insert = (number: number) => [{ now: 0, insert: [testJob(number)] }];

async function place(): Promise<string> {
  const { path, remove } = await directory();
  onTestFinished(remove);
  return path;
}

test("what is neither a path nor a database is a TypeError that says what was received", () => {
  for (const [wrong, shown] of [
    [undefined, "undefined"],
    ["", '""'],
    [7, "7"],
    [{}, "an object"],
    [new Map(), "an object"],
  ] as const) {
    expect(() => levelJobs(wrong as never)).toThrowError(
      new TypeError(`levelJobs takes a path or an abstract-level database, got ${shown}`),
    );
  }
});

test("an unknown durability is a TypeError that says what was received", () => {
  expect(() => levelJobs(new MemoryLevel(), { durability: "disk" as never })).toThrowError(
    new TypeError('levelJobs takes the durability "machine" or "process", got "disk"'),
  );
});

test("it is durable where the database is, and never shared", async () => {
  const path = await place();
  const db = new ClassicLevel(path);
  expect(levelJobs(path).capabilities).toEqual({ durable: true, shared: false });
  expect(levelJobs(db).capabilities).toEqual({ durable: true, shared: false });
  expect(levelJobs(new MemoryLevel()).capabilities).toEqual({ durable: false, shared: false });
  await db.close();
});

test("a database of any types of keys and values will do, with what it holds of its own", async () => {
  const db = new ClassicLevel<string, { readonly n: number }>(await place(), { valueEncoding: "json" });
  await db.put("mine", { n: 1 });
  const stores = [levelJobs(db), levelJobs(db.sublevel<Uint8Array, Date>("jobs", { keyEncoding: "view" }))];
  for (const jobs of stores) {
    await jobs.commit(insert(1));
    await jobs.close();
    expect(await levelJobs(db).tally()).toHaveLength(1);
  }
  expect(await db.get("mine")).toEqual({ n: 1 });
  await db.close();
});

test("where the runtime does not tell the name of the machine, it is opened all the same", async () => {
  const path = await place();
  vi.stubGlobal("Deno", { permissions: { querySync: () => ({ state: "prompt" }) } });
  onTestFinished(() => void vi.unstubAllGlobals());
  const jobs = levelJobs(path);
  await jobs.commit(insert(1));
  expect(Object.keys(JSON.parse(await readFile(`${path}/jobq.holder.json`, "utf8")))).toEqual(["pid", "startedAt"]);
  await jobs.close();
});

test("nothing is opened before it is needed", async () => {
  const path = `${await place()}/data`;
  const jobs = levelJobs(path);
  expect(existsSync(path)).toBe(false);
  await jobs.close();
  expect(existsSync(path)).toBe(false);
});

test("close lets go of a database that was opened from a path, and leaves one that was passed in open", async () => {
  const path = await place();
  const jobs = levelJobs(path);
  await jobs.commit(insert(1));
  await jobs.close();
  const db = new ClassicLevel(path);
  const others = levelJobs(db);
  expect(await others.tally()).toHaveLength(1);
  await others.close();
  expect(db.status).toBe("open");
  await db.close();
});

test("after close everything rejects with CLOSED, whether it was opened or not", async () => {
  for (const use of [true, false]) {
    const jobs = levelJobs(new MemoryLevel());
    if (use) await jobs.tally();
    await jobs.close();
    const asked = [jobs.commit([]), jobs.get([]), jobs.find({ limit: 1 }), jobs.nextLeaseEndAt(), jobs.tally()];
    for (const answer of [...asked, jobs.notes("a", "log"), jobs.database()]) {
      await expect(answer).rejects.toMatchObject({ code: "CLOSED" });
    }
  }
});

test("a database that its owner closed is not opened again behind their back, but followed when they open it", async () => {
  const db = new ClassicLevel(await place());
  const jobs = levelJobs(db);
  await jobs.commit(insert(1));
  await db.close();
  await expect(jobs.commit(insert(2))).rejects.toMatchObject({ code: "STORE_FAILED" });
  await db.open();
  await jobs.commit(insert(2));
  expect(await jobs.tally()).toMatchObject([{ count: 2 }]);
  await db.close();
});

test("a store of a newer version is refused, and left as it is", async () => {
  const db = new MemoryLevel();
  await db.put(LAYOUT.versionKey, "3");
  const jobs = levelJobs(db);
  await expect(jobs.commit(insert(1))).rejects.toMatchObject({
    code: "STORE_VERSION",
    details: { found: 3, supported: 2 },
  });
  expect(await db.keys().all()).toEqual([LAYOUT.versionKey]);
});

test("a store of an older version is migrated, version by version, and goes on where a migration broke off", async () => {
  const db = new MemoryLevel();
  const steps: string[] = [];
  const step = (name: string) => async (level: Level) => {
    steps.push(name);
    if (steps.length === 2) throw new Error("the power went");
    expect(level).toBe(db);
  };
  const old = { ...LAYOUT, migrations: [] };
  await ensureVersion(db, old, false);
  expect(await db.get(LAYOUT.versionKey)).toBe("1");
  const layout = { ...LAYOUT, migrations: [step("to 2"), step("to 3")] };
  await expect(ensureVersion(db, layout, false)).rejects.toThrow("the power went");
  // Whatever the migration had written by then, older code leaves the store alone.
  await expect(ensureVersion(db, old, false)).rejects.toMatchObject({
    code: "STORE_VERSION",
    details: { found: 3, supported: 1 },
  });
  await ensureVersion(db, layout, false);
  await ensureVersion(db, layout, false);
  expect(steps).toEqual(["to 2", "to 3", "to 3"]);
  expect(await db.iterator().all()).toEqual([[LAYOUT.versionKey, "3"]]);
});

test("another process that opens the same path learns who has it, and gets it once that one is gone", async () => {
  const path = await place();
  const program = fileURLToPath(new URL("./holder.ts", import.meta.url));
  const flags = ["--import", "tsx", "--conditions=@jobq/source"];
  const child = spawn(process.execPath, [...flags, program, path], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const jobs = levelJobs(path);
  const refusal = await jobs.tally().catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    code: "STORE_LOCKED",
    details: { location: path, pid: child.pid, host: hostname() },
  });
  expect((refusal as Error).message).toContain(`process ${child.pid} on ${hostname()}, started 20`);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await jobs.tally()).toEqual([]);
  await jobs.close();
});

test("a child process, which inherits the open files of the holder, learns that another process has it", async () => {
  const path = await place();
  const jobs = levelJobs(path);
  await jobs.tally();
  const program = fileURLToPath(new URL("./holder.ts", import.meta.url));
  const flags = ["--import", "tsx", "--conditions=@jobq/source"];
  const child = spawn(process.execPath, [...flags, program, path], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  for await (const part of child.stderr) text += part;
  expect(text).toContain(`is locked: process ${process.pid} on ${hostname()}, started 20`);
  await jobs.close();
});

test("a second opening in the same process says that it is this process", async () => {
  const path = await place();
  const [first, second] = [levelJobs(path), levelJobs(path)];
  await first.tally();
  const refusal = await second.tally().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "STORE_LOCKED", details: { location: path } });
  expect((refusal as Error).message).toContain(`the database ${path} is locked: this process has it open already`);
  await first.close();
  expect(await second.tally()).toEqual([]);
  await second.close();
});

test("in a browser, a tab keeps other tabs out until it lets go", async () => {
  vi.stubGlobal("navigator", { locks: new TabLocks() });
  onTestFinished(() => void vi.unstubAllGlobals());
  const tab = () => levelJobs(Object.assign(new MemoryLevel(), { type: "browser-level", location: "queue" }));
  const [first, second] = [tab(), tab()];
  await first.tally();
  await expect(second.tally()).rejects.toMatchObject({ code: "STORE_LOCKED" });
  await first.close();
  expect(await second.tally()).toEqual([]);
});

/** As much of the Web Locks API as is used; patience ends at once. */
class TabLocks {
  readonly #held = new Set<string>();

  async request(name: string, _: unknown, use: () => Promise<void>): Promise<void> {
    if (this.#held.has(name)) throw new DOMException("signal timed out", "TimeoutError");
    this.#held.add(name);
    await use();
    this.#held.delete(name);
  }
}
