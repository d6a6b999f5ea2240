import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type OpenOptions, openStore, storeAddress } from "@jobq/cli";
import { ClassicLevel } from "classic-level";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { type SqlAddress, withoutPassword } from "../src/store/store-address.ts";
import { folder, jobq, start } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

/** A folder whose store `data` holds so many jobs, one of them canceled, and a topic that is paused. */
async function filled(count: number): Promise<string> {
  const cwd = await folder();
  const at = ["--store", "level://data"];
  await jobq(["migrate", ...at], { cwd });
  const stdin = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join("");
  const { stdout } = await jobq(["submit", ...at, "-t", "mail", "--batch", "-"], { cwd, stdin });
  await jobq(["cancel", stdout.split("\n")[0] as string, ...at], { cwd });
  await jobq(["pause", "mail", ...at], { cwd });
  return cwd;
}

describe("a store that cannot be opened", () => {
  it.each([
    ["a folder in the place of the file", "sqlite://folder", "folder cannot be opened: EISDIR"],
    ["a database in a folder that is not there", "sqlite://nowhere/jobs.db", "jobs.db cannot be opened: ENOENT"],
    ["a link to itself", "level://loop", "loop cannot be opened: ELOOP"],
  ])("is named with the reason: %s", async (_, store, why) => {
    const cwd = await folder();
    await mkdir(join(cwd, "folder"));
    await symlink("loop", join(cwd, "loop"));
    const command = store.startsWith("sqlite") ? ["migrate"] : ["doctor"];
    const { code, stderr } = await jobq([...command, "--store", store], { cwd });
    expect([code, stderr]).toEqual([5, expect.stringContaining(why)]);
    expect((await readdir(cwd)).sort()).toEqual(["folder", "loop"]);
  });
});

describe("a store that fails once it is open is named, and once", () => {
  it.each(["sqlite://notes.txt", "level://notes.txt/data"])("%s", async (store) => {
    const cwd = await folder();
    await writeFile(join(cwd, "notes.txt"), "no database, but as long as the head of one is ".repeat(99));
    for (const command of [["migrate"], ["serve", "--http", ":0"]]) {
      const { code, stderr } = await jobq([...command, "--store", store], { cwd });
      expect([code, stderr.split("\n").length, stderr]).toEqual([
        5,
        2,
        expect.stringContaining(`${store}: the database`),
      ]);
    }
  });
});

describe("a store that a newer jobq has written", () => {
  it.each(["sqlite://jobs.db", "level://data"])("is said to be, and not to be migrated: %s", async (store) => {
    const cwd = await folder();
    await jobq(["migrate", "--store", store], { cwd });
    const opened = await openStore(store, { cwd, create: false });
    if (opened.sql) await sql`update jobq_meta set version = 99, compatible_from = 99`.execute(opened.sql.kysely);
    await opened.close();
    if (!opened.sql) {
      const level = new ClassicLevel(join(cwd, "data"));
      const keys = (await level.keys().all()).filter((key) => /version/.test(key));
      expect(keys).not.toEqual([]);
      for (const key of keys) await level.put(key, "99");
      await level.close();
    }
    const { code, stderr } = await jobq(["doctor", "--store", store, "--json"], { cwd });
    const { error } = JSON.parse(stderr);
    expect([code, error.code, error.hint]).toEqual([5, "STORE_VERSION", expect.stringContaining("newer jobq")]);
  });
});

describe("jobs on the way from store to store", () => {
  it("go into a file and out of it", async () => {
    const cwd = await filled(5);
    expect((await jobq(["export", "all.ndjson", "--store", "level://data"], { cwd })).code).toBe(0);
    expect((await readFile(join(cwd, "all.ndjson"), "utf8")).trim().split("\n")).toHaveLength(6);
    const imported = await jobq(["import", "all.ndjson", "--store", "level://other", "--json"], { cwd });
    expect(json(imported)).toEqual({ imported: 5, present: 0, paused: 1 });
    const { total } = json(await jobq(["status", "--json", "--store", "level://other"], { cwd }));
    expect([total.ready, total.canceled]).toEqual([4, 1]);
  });

  it("go through a pipe", async () => {
    const cwd = await filled(3);
    const { stdout } = await jobq(["export", "-", "--store", "level://data"], { cwd });
    const imported = await jobq(["import", "-", "--store", "level://other", "--json"], { cwd, stdin: stdout });
    expect(json(imported).imported).toBe(3);
    // A database is opened, and its tables made, while the pipe has its lines ready.
    const database = await jobq(["import", "--store", "sqlite://jobs.db", "--json"], { cwd, stdin: stdout });
    expect(json(database)).toEqual({ imported: 3, present: 0, paused: 1 });
  });

  it("are whole where the pipe cuts lines, and characters, in two", async () => {
    const cwd = await folder();
    await jobq(["migrate", "--store", "level://data"], { cwd });
    await jobq(["submit", "--store", "level://data", "-t", "mail", "-p", '"zwölf 日本"'], { cwd });
    const { stdout } = await jobq(["export", "--store", "level://data"], { cwd });
    const stdin = [...Buffer.from(stdout)].map((byte) => Uint8Array.of(byte));
    await jobq(["import", "--store", "level://other"], { cwd, stdin });
    const [job] = json(await jobq(["list", "--store", "level://other", "--json"], { cwd }));
    expect(json(await jobq(["status", job.id, "--store", "level://other", "--json"], { cwd })).payload).toBe(
      "zwölf 日本",
    );
  });

  it.each([
    ["import", "--store", "memory"],
    ["submit", "--store", "memory", "-t", "mail", "-p", "-"],
    ["submit", "--store", "memory", "-t", "mail", "--batch", "-"],
  ])("are not waited for at a silent pipe by %s when it is asked to stop", async (...args) => {
    let isAsked = (): void => {};
    const waits = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const command = start(args, { stdin: new Readable({ read: () => isAsked() }) });
    await waits;
    command.stop("SIGTERM");
    expect((await command.ended).code).toBe(143);
  });

  it("are transferred to a database whose tables are not there yet, and once only", async () => {
    const cwd = await filled(4);
    const transfer = ["transfer", "level://data", "sqlite://jobs.db?prefix=q_", "--json"];
    // The driver is that of the folder, or else that of this repository.
    expect(json(await jobq(transfer, { cwd }))).toEqual({ imported: 4, present: 0, paused: 1 });
    expect(json(await jobq(transfer, { cwd }))).toEqual({ imported: 0, present: 4, paused: 1 });
    const topics = json(await jobq(["topics", "--store", "sqlite://jobs.db?prefix=q_", "--json"], { cwd }));
    expect(topics).toMatchObject([{ topic: "mail", ready: 3, delayed: 0, paused: true }]);
  });

  it("show on a terminal how far they have come", async () => {
    const cwd = await filled(600);
    const { stderr } = await jobq(["transfer", "level://data", "level://other"], { cwd, terminal: 80 });
    expect(stderr).toContain("500 jobs of 600 (83 %)");
  });

  it("that cannot be read name the line", async () => {
    const cwd = await folder();
    const ran = await jobq(["import", "--store", "level://data"], { cwd, stdin: '{"job":{}}\n' });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("line 1");
    expect((await jobq(["import", "nowhere", "--store", "level://new"], { cwd })).code).toBe(2);
    expect(await readdir(cwd)).not.toContain("new");
  });
});

describe("a store", () => {
  it("that is not there is an error, not an empty queue", async () => {
    const cwd = await folder();
    for (const store of ["level://data", "sqlite://jobs.db"]) {
      expect((await jobq(["status", "--store", store], { cwd })).code).toBe(5);
    }
  });

  it("gets its tables once, and the SQL can be read before", async () => {
    const cwd = await folder();
    const migrate = ["migrate", "--store", "sqlite://jobs.db", "--json"];
    const [first, second] = [json(await jobq(migrate, { cwd })), json(await jobq(migrate, { cwd }))];
    expect([first.from, first.to === second.from, second.from === second.to]).toEqual([0, true, true]);
    const sql = await jobq(["migrate", "--print", "--store", "postgres://nobody@nowhere/db?schema=queue"], { cwd });
    expect(sql.code).toBe(0);
    expect(sql.stdout).toContain('create table if not exists "queue"."jobq_jobs"');
  });
});

describe("the address of a store", () => {
  it.each([
    ["level://data", "level://./data/"],
    ["level://data", "level:data"],
    ["level://data", "ABSOLUTE"],
    ["sqlite://jobs.db", "sqlite://./jobs.db?prefix=jobq_"],
    ["postgres://nobody@nowhere/db", "postgresql://nobody@nowhere/db"],
  ])("%s is that of %s as well, which is not transferred to itself", async (from, to) => {
    const cwd = await folder();
    const other = to === "ABSOLUTE" ? `level://${cwd}/data` : to;
    const { code, stderr } = await jobq(["transfer", from, other], { cwd });
    expect([code, stderr.includes("itself")]).toEqual([2, true]);
  });

  it("of a file with a parameter that there is not is refused", async () => {
    const cwd = await folder();
    const { code } = await jobq(["migrate", "--store", "sqlite://jobs.db?prefx=q_"], { cwd });
    expect([code, await readdir(cwd)]).toEqual([2, []]);
  });

  it.each([
    ["postgres://ada:secret@nowhere/db?shcema=a", /no parameter "shcema"; did you mean "schema"/],
    ["postgres://nowhere/db?sslmode=require&Prefix=q_", /no parameter "Prefix"; did you mean "prefix"/],
    ["postgresql://nowhere/db?sslmod=require", /no parameter "sslmod"; did you mean "sslmode"/],
    ["mysql://nowhere/db?prefx=q_", /no parameter "prefx"; did you mean "prefix"/],
    ["mariadb://nowhere/db?connect_timeout=1", /no parameter "connect_timeout"; did you mean "connectTimeout"/],
    ["sqlite://jobs.db?prefx=q_", /no parameter "prefx"; did you mean "prefix"/],
    ["sqlite://jobs.db?mode=ro", /takes schema and prefix, got "mode"/],
    ["level://data?prefix=q_", /takes no parameters, got "\?prefix=q_"/],
    ["memory://?schema=a", /takes no parameters, got "\?schema=a"/],
  ])("%s is refused, as a parameter of it would be passed over", (given, message) => {
    expect(() => storeAddress(given)).toThrow(message);
    expect(() => storeAddress(given)).not.toThrow("secret");
  });

  it.each([
    "postgres://nowhere/db?sslmode=require&channel_binding=require",
    "postgres://nowhere/db?application_name=app&statement_timeout=1000&options=-c%20x%3D1",
    "postgres://nowhere/db?pgbouncer=true&connection_limit=1",
    "postgres://nowhere/db?something_newer=1",
    "mysql://nowhere/db?connectionLimit=4&ssl=true&charset=utf8mb4",
  ])("%s leaves to the driver what is the driver's", (given) => {
    const { source } = storeAddress(`${given}&schema=a`) as SqlAddress;
    expect([...new URL(source).searchParams]).toEqual([...new URL(given).searchParams]);
  });

  it.each([undefined, 7, null])("that a program makes of %j is refused by what it is", (given) => {
    expect(() => storeAddress(given as never)).toThrow(`a store must be memory, level://PATH`);
    expect(() => storeAddress(given as never)).toThrow(`got ${given}`);
  });

  it("is shown without its password, wherever that stands", () => {
    expect(withoutPassword("postgres://ada:s@cret@host/db")).toBe("postgres://ada:…@host/db");
    expect(withoutPassword("postgres://host/db?user=ada&password=secret&x=1")).toBe(
      "postgres://host/db?user=ada&password=…&x=1",
    );
  });
});

describe("openStore", () => {
  it.each([
    ["no options", undefined, /options of openStore must be an object, got undefined/],
    ["a misspelled name", { cwd: "/", creat: true }, /must not have "creat"; did you mean "create"/],
    ["a folder that is none", { create: true }, /cwd must be a string, got undefined/],
    ["a word for create", { cwd: "/", create: "no" }, /create must be a boolean, got "no"/],
    ["a number for listen", { cwd: "/", create: true, listen: 1 }, /listen must be a boolean, got 1/],
  ])("refuses %s before it makes anything", async (_, options, message) => {
    const cwd = await folder();
    await expect(openStore(`level://${cwd}/data`, options as OpenOptions)).rejects.toThrow(message);
    await expect(openStore(`level://${cwd}/data`, options as OpenOptions)).rejects.toBeInstanceOf(TypeError);
    await expect(openStore("memory", options as OpenOptions)).rejects.toThrow(message);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("configuration", () => {
  it("is that of the folder where the variable that names another is empty", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobq.json"), JSON.stringify({ store: "memory" }));
    expect((await jobq(["status", "--json"], { cwd, env: { JOBQ_CONFIG: "" } })).code).toBe(0);
  });

  it("is taken from options before the environment, and from that before the file", async () => {
    const cwd = await filled(1);
    await writeFile(join(cwd, "jobq.json"), JSON.stringify({ store: "level://file" }));
    const storeNamed = async (args: string[], env: Record<string, string>) =>
      /there is no store at \S*\/(\w+);/.exec((await jobq(["status", ...args], { cwd, env })).stderr)?.[1];
    expect(await storeNamed([], {})).toBe("file");
    expect(await storeNamed([], { JOBQ_STORE: "level://variable" })).toBe("variable");
    expect(await storeNamed(["--store", "level://option"], { JOBQ_STORE: "level://variable" })).toBe("option");
    expect(await storeNamed(["--store", "level://option"], { JOBQ_URL: "http://127.0.0.1:9" })).toBe("option");
  });

  it.each([
    ["no JSON", "{"],
    ["a name that there is not", '{"stroe":"memory"}'],
    ["a value of another type", '{"workers":"many"}'],
  ])("with %s is refused", async (_, text) => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobq.json"), text);
    expect((await jobq(["status"], { cwd })).code).toBe(2);
  });

  it("sets up a server", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "my.json"), JSON.stringify({ http: ":0", workers: 3, store: "memory" }));
    const server = start(["serve", "--config", "my.json", "--json"], { cwd });
    expect(JSON.parse((await server.printed(/.*\n/))[0])).toMatchObject({ store: "memory", workers: 3 });
    server.stop();
    await server.ended;
  });
});
