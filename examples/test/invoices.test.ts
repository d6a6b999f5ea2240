import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expected, freshFolder, type Run, run } from "./run.ts";

const TIMEOUT_MS = 120_000;

let folder: string;
beforeEach(async () => {
  folder = await freshFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a run says once all is done: the tables and what follows. */
function tables({ stdout }: Run): string {
  return stdout.slice(stdout.indexOf("\ntopic "));
}

/** A line of the ledger for each invoice, and a file for each line. */
async function expectWholeResults(): Promise<void> {
  const lines = (await readFile(join(folder, "jobq-data/ledger.csv"), "utf8")).trimEnd().split("\n").slice(1);
  const numbers = lines.map((line) => line.split(",")[0]);
  expect(new Set(numbers).size).toBe(lines.length);
  const files = await readdir(join(folder, "jobq-data/invoices"));
  expect(files.filter((file) => !file.endsWith(".part")).sort()).toEqual(numbers.map((number) => `${number}.txt`));
}

describe("the main example", () => {
  it("works every row and says what happened", { timeout: TIMEOUT_MS }, async () => {
    const first = await run("invoices", [], folder);
    expect(first).toEqual({ stdout: await expected("invoices"), stderr: "", code: 0, signal: null });
    await expectWholeResults();

    const second = await run("invoices", [], folder);
    expect(second.stdout).toBe(tables(first));
    expect(second.code).toBe(0);
  });

  it("does the same in memory", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, stderr, code } = await run("invoices", ["--memory"], folder);
    expect(stdout).toBe((await expected("invoices")).replace(/All is done.*\nTo look.*\n/, ""));
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    await expectWholeResults();
  });

  it("goes on where it was, wherever it was killed", { timeout: TIMEOUT_MS }, async () => {
    // What each run has printed when its end is near, and how near; the first ones die before or in the import.
    const deaths = [
      ...[400, 500, 600, 700, 800].map((afterMs) => ({ printed: /^/, afterMs })),
      { printed: /Read|Going on|have ended/, afterMs: 0 },
      { printed: /have ended/, afterMs: 0 },
      { printed: /Going on/, afterMs: 250 },
      { printed: /have ended/, afterMs: 120 },
      { printed: /Going on/, afterMs: 30 },
    ];
    for (const { printed, afterMs } of deaths) {
      let dying = false;
      const started = run("invoices", [], folder, (child, stdout) => {
        if (dying || !printed.test(stdout)) return;
        dying = true;
        setTimeout(() => child.kill("SIGKILL"), afterMs);
      });
      const { code, signal, stderr } = await started;
      expect({ signal, code, stderr }, `killed ${afterMs} ms after ${printed}`).toEqual({
        signal: "SIGKILL",
        code: null,
        stderr: "",
      });
    }
    const last = await run("invoices", [], folder);
    expect(tables(last)).toBe(tables({ ...last, stdout: await expected("invoices") }));
    expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: "" });
    await expectWholeResults();
  });

  it("stops at a signal, says how to go on, and goes on", { timeout: TIMEOUT_MS }, async () => {
    let asked = false;
    const first = await run("invoices", ["--data", "kept"], folder, (child, stdout) => {
      if (asked || !stdout.includes("have ended")) return;
      asked = true;
      child.kill("SIGINT");
    });
    expect(first.code).toBe(130);
    expect(first.stdout).toContain("Stopped. To go on, start it again with --data kept.");
    const second = await run("invoices", ["--data", "kept"], folder);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain("Going on: ");
  });

  it("turns away a second run over the same data, and arguments that mean nothing", {
    timeout: TIMEOUT_MS,
  }, async () => {
    let second: Promise<Run> | undefined;
    const first = run("invoices", [], folder, (_, stdout) => {
      if (stdout !== "") second ??= run("invoices", [], folder);
    });
    await first;
    expect((await second)?.code).toBe(1);
    expect((await second)?.stderr).toContain("STORE_LOCKED");
    expect((await run("invoices", ["--fast"], folder)).code).toBe(2);
  });
});
