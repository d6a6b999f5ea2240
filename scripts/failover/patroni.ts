import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../adapters/sql-kysely/test/postgres-server.ts";

/** Three nodes under Patroni, with one etcd, in synchronous mode. */
export interface PatroniCluster {
  readonly urls: readonly string[];
  /** Kills the leader's PostgreSQL and its Patroni; resolves when another node leads. */
  killLeader(): Promise<void>;
  stop(): Promise<void>;
}

interface Node {
  readonly name: string;
  readonly port: number;
  readonly api: string;
  readonly data: string;
  readonly child: ChildProcess;
}

const IDS = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}; // PostgreSQL refuses to run as root
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts them, with the programs of PostgreSQL in a folder; all data is in a temporary one. */
export async function startPatroni(bin: string): Promise<PatroniCluster> {
  const dir = mkdtempSync(join(tmpdir(), "jobq-patroni-"));
  if (IDS.uid !== undefined) chownSync(dir, IDS.uid, IDS.gid);
  const [client, peer] = [await freePort(), await freePort()];
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  const children: ChildProcess[] = [];
  const run = (program: string, options: readonly string[]): ChildProcess => {
    const env = { ...process.env, ETCD_ENABLE_V2: "true", HOME: dir };
    const child = spawn(program, options, { ...IDS, cwd: dir, stdio: "ignore", detached: true, env });
    children.push(child);
    return child;
  };
  run("/usr/bin/etcd", [
    ...["--data-dir", join(dir, "etcd"), "--listen-client-urls", at(client), "--advertise-client-urls", at(client)],
    ...["--listen-peer-urls", at(peer), "--initial-advertise-peer-urls", at(peer)],
    ...["--initial-cluster", `default=${at(peer)}`],
  ]);
  const nodes: Node[] = [];
  process.once("exit", () => {
    for (const node of nodes) kill(node);
    for (const child of children) end(child);
    rmSync(dir, { recursive: true, force: true });
  });
  for (const name of ["one", "two", "three"]) {
    const [port, rest] = [await freePort(), await freePort()];
    const config = join(dir, `${name}.json`);
    writeFileSync(config, JSON.stringify(settings(name, dir, bin, { port, rest, etcd: client })));
    nodes.push({ name, port, api: at(rest), data: join(dir, name), child: run("/usr/bin/patroni", [config]) });
    if (name === "one") await leaderOf(nodes); // the first makes the cluster
  }
  await synchronous(nodes);
  return {
    urls: nodes.map(({ port }) => `postgres://postgres@127.0.0.1:${port}/postgres`),
    async killLeader() {
      const leader = await leaderOf(nodes);
      kill(leader);
      await leaderOf(nodes.filter((node) => node !== leader));
    },
    async stop() {
      for (const node of nodes) kill(node);
      for (const child of children) end(child);
      await pause(500); // what was killed still has files open
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function settings(name: string, dir: string, bin: string, ports: { port: number; rest: number; etcd: number }): object {
  const { port, rest, etcd } = ports;
  const user = { username: "postgres" };
  return {
    ...{ scope: "jobq", name, etcd3: { host: `127.0.0.1:${etcd}` } },
    restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}` },
    bootstrap: {
      dcs: { ttl: 20, loop_wait: 5, retry_timeout: 5, synchronous_mode: true, postgresql: { use_pg_rewind: true } },
      initdb: [{ encoding: "UTF8" }, { locale: "C" }, { auth: "trust" }, { username: "postgres" }, "no-sync"],
    },
    postgresql: {
      ...{ listen: `127.0.0.1:${port}`, connect_address: `127.0.0.1:${port}`, bin_dir: bin, data_dir: join(dir, name) },
      authentication: { superuser: user, replication: user, rewind: user },
      pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
      parameters: { unix_socket_directories: dir },
    },
  };
}

/** The process with all that it started. */
function end({ pid }: ChildProcess): void {
  if (pid !== undefined) spawnSync("kill", ["-KILL", "--", `-${pid}`]);
}

/** As a lost machine: Patroni and the PostgreSQL that it started, which is in a session of its own. */
function kill({ child, data }: Node): void {
  end(child);
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const command = spawnSync("ps", ["-o", "args=", "-p", `${pid}`], { encoding: "utf8" }).stdout;
  if (command.includes(data)) process.kill(pid, "SIGKILL");
}

/** Waits until one of them leads. */
async function leaderOf(nodes: readonly Node[]): Promise<Node> {
  for (;;) {
    for (const node of nodes) {
      const response = await fetch(`${node.api}/primary`).catch(() => undefined);
      if (response?.status === 200) return node;
    }
    await pause(50);
  }
}

async function synchronous(nodes: readonly Node[]): Promise<void> {
  for (;;) {
    for (const node of nodes) {
      const response = await fetch(`${node.api}/synchronous`).catch(() => undefined);
      if (response?.status === 200) return;
    }
    await pause(100);
  }
}
