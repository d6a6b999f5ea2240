import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { dialectFor } from "./connect.ts";
import { type DatabaseKind, postgres, type TestDatabase } from "./databases.ts";
import { freePort } from "./postgres-server.ts";

const PROGRAM = "/usr/sbin/pgbouncer";

/** PostgreSQL through a pgbouncer that gives every transaction another connection. */
export const pooled: DatabaseKind = {
  name: "PostgreSQL through pgbouncer",
  async start() {
    if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}`);
    const database = await postgres.start();
    const server = new URL(database.url ?? "");
    const port = await freePort();
    const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}; // it refuses to run as root
    const dir = mkdtempSync(join(tmpdir(), "jobq-bouncer-"));
    const lines = [
      ...["[databases]", `* = host=${server.hostname} port=${server.port || 5432} user=${server.username}`],
      ...["[pgbouncer]", "listen_addr = 127.0.0.1", `listen_port = ${port}`, "auth_type = any", "unix_socket_dir ="],
      ...["pool_mode = transaction", "default_pool_size = 4", "ignore_startup_parameters = extra_float_digits"],
    ];
    writeFileSync(join(dir, "pgbouncer.ini"), lines.join("\n"));
    if (ids.uid) for (const path of [dir, join(dir, "pgbouncer.ini")]) chownSync(path, ids.uid, ids.gid);
    const child = spawn(PROGRAM, ["-q", join(dir, "pgbouncer.ini")], { ...ids, cwd: dir, stdio: "ignore" });
    process.once("exit", () => child.kill("SIGKILL"));
    await accepting(port);
    return through(database, `postgres://postgres@127.0.0.1:${port}${server.pathname}`, () => {
      child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    });
  },
};

/** The same database, by another way to it. */
export function through(direct: TestDatabase, url: string, ended: () => void): TestDatabase {
  const opened: Kysely<unknown>[] = [];
  return {
    ...direct,
    connect(wrap = (dialect) => dialect) {
      const kysely = new Kysely<unknown>({ dialect: wrap(dialectFor("postgres", url)) });
      opened.push(kysely);
      return kysely;
    },
    async stop() {
      await Promise.all(opened.map((kysely) => kysely.destroy()));
      await direct.stop();
      ended();
    },
  };
}

function accepting(port: number): Promise<void> {
  return new Promise((resolve) => {
    const attempt = (): void => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", attempt);
    };
    attempt();
  });
}
