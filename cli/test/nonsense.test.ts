import type { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mysql, postgres } from "../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../adapters/sql-kysely/test/suites.ts";
import { odd, textOf } from "../../server/test/nonsense/odd.ts";
import type { Io } from "../src/io.ts";
import { createProgram } from "../src/program.ts";
import { storeAt } from "./store-at.ts";
import { folder, jobq, type Ran } from "./terminal.ts";

/** Commands that do not end by themselves, make files, or are about more than one store. */
const OTHERS = ["serve", "tail", "export", "import", "transfer", "migrate", "doctor", "keys", "completion"];
/** Options that name files, wait, or say where the queue is. */
const ELSEWHERE = ["--batch", "--jobs", "--wait"];
/** Without these a command goes no further than to ask for them; what follows goes before them. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  submit: ["--type=a"],
  purge: ["--state=done", "--yes"],
  ...Object.fromEntries(["cancel", "retry", "reset", "delete"].map((name) => [name, ["--yes"]])),
};
/** A job that an end, a limit and a reservation have left their marks on: every field that a line may have. */
const JOB = {
  ...{ id: "01a21c13-57cb-70db-92fb-9d573c28a2b6", topic: "a", name: "a", weight: 0, createdAt: 1, maxRetries: 1 },
  ...{ maxLeaseLosses: 1, timeoutMs: 1, expiresAt: 9, unique: "k", uniqueSpan: "kept", tags: { a: "b" }, group: "g" },
  ...{ parent: "p", limit: { key: "l", concurrency: 1 }, data: "{}", state: "done", token: 1, attempt: 1, links: 1 },
  ...{ leaseLosses: 0, resetCount: 0, reservedAt: 2, reservedBy: "me", finishedAt: 3, error: "no" },
  ...{ progress: { value: 1, message: "m" }, payload: "1", result: "2" },
};

/** Those that such a job does not have. */
const MORE = ["slot", "runAt", "blockers", "awaits", "woken", "leaseUntil", "reason", "nothing"];

interface Line {
  readonly args: readonly string[];
  readonly stdin: string;
}

/** Command lines of everything that looks at or changes jobs, with what is odd in place of arguments and values. */
function commandLines(ids: readonly string[]): fc.Arbitrary<Line> {
  const program = createProgram({ env: {}, stdout: {}, stderr: {} } as Io, () => {});
  const all = program.commands.filter((command) => !OTHERS.includes(command.name()));
  const ofAll = all.flatMap((command) => [command, ...command.commands]);
  const text = fc.oneof({ weight: 2, arbitrary: odd.map(textOf) }, fc.constantFrom(...ids, "a", "1", "1s", "done"));
  return fc.constantFrom(...ofAll).chain((command) => {
    const flags = command.options.filter(({ long }) => long && !ELSEWHERE.includes(long));
    const given = flags.length === 0 ? fc.constant([]) : fc.array(flagOf(flags, text), { maxLength: 4 });
    const needed = NEEDED[command.name()] ?? [];
    const args = fc.array(text, { maxLength: 2 });
    return fc.tuple(given, args).map(([options, values]) => ({
      args: [...pathOf(command), ...needed, ...options, ...(values.length > 0 ? ["--", ...values] : [])],
      stdin: "",
    }));
  });
}

function flagOf(flags: Command["options"], text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...flags), text)
    .map(([{ long, required, optional }, value]) => (required || optional ? `${long}=${value}` : `${long}`));
}

function pathOf(command: Command): string[] {
  return command.parent?.parent ? [command.parent.name(), command.name()] : [command.name()];
}

/** Lines of an export, in one field of which something odd stands. */
const imports: fc.Arbitrary<Line> = fc
  .tuple(fc.uuid(), fc.constantFrom(...Object.keys(JOB), ...MORE), odd, fc.option(odd, { nil: "a", freq: 1 }))
  .map(([id, field, value, note]) => {
    const notes = [{ id, kind: "log", key: "1", value: note, at: 1 }];
    return { args: ["import"], stdin: JSON.stringify({ job: { ...JOB, id, unique: id, [field]: value }, notes }) };
  });

/** The codes of what is the caller's own fault: all others are the store's, or nobody's. */
const REFUSALS = ["USAGE", "JOB_NOT_FOUND", "INVALID_STATE", "DUPLICATE_JOB", "PAYLOAD_INVALID", "PAYLOAD_TOO_LARGE"];

function assertRefused({ code, stdout, stderr }: Ran): void {
  const said = [...stderr.matchAll(/"code": ?"(\w+)"/g), ...stdout.matchAll(/"code": ?"(\w+)"/g)];
  for (const [, refusal] of said) if (!REFUSALS.includes(`${refusal}`)) throw new Error(`${code} ${stdout}${stderr}`);
  if (![0, 1, 2, 3, 4].includes(code)) throw new Error(`${code} ${stdout}${stderr}`);
}

async function survives(store: string, cwd: string, numRuns: number): Promise<void> {
  const at = ["--store", store, "--json"];
  expect((await jobq(["migrate", ...at], { cwd })).code).toBe(0);
  expect((await jobq(["import", ...at], { cwd, stdin: JSON.stringify({ job: JOB }) })).code).toBe(0);
  const submitted = await jobq(["submit", "-t", "a", "-p", "1", ...at], { cwd });
  const lines = fc.oneof(
    { weight: 3, arbitrary: commandLines([JSON.parse(submitted.stdout).id, JOB.id]) },
    { weight: 2, arbitrary: imports },
  );
  await fc.assert(
    fc.asyncProperty(lines, async ({ args: [name = "", ...args], stdin }) => {
      assertRefused(await jobq([name, ...at, ...args], { cwd, stdin }));
    }),
    { numRuns, seed: 8 },
  );
}

describe("no command line is the store's fault", () => {
  it.each(["level://data", "sqlite://jobs.db"])(
    "on %s",
    async (store) => {
      await survives(store, await folder(), 200);
    },
    120_000,
  );
});

for (const kind of [postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("is at fault for no command line", async () => {
      await survives(storeAt(database, "odd_"), await folder(), 200);
    }, 120_000);
  });
}
