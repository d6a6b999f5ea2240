import { type ChildProcess, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Host, makeNetwork, NOBODY } from "./network.ts";

/** Three nodes under Patroni, in synchronous mode, and one etcd; each has a host of its own. */
export interface PatroniCluster {
  readonly urls: readonly string[];
  /** Kills the leader's PostgreSQL and its Patroni; resolves, as all of these do, when another node leads. */
  killLeader(): Promise<void>;
  /** Nobody reaches the leader any more, and it nobody. */
  cutLeaderOff(): Promise<void>;
  /** Clients reach the leader as before; it reaches neither etcd nor the other nodes. */
  partLeaderFromOthers(): Promise<void>;
  /** Another node is made the leader on purpose. */
  switchOver(): Promise<void>;
  stop(): Promise<void>;
}

interface Node {
  readonly name: string;
  readonly host: Host;
  readonly api: string;
  readonly data: string;
  readonly child: ChildProcess;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts them, with the programs of PostgreSQL in a folder; all data is in a temporary one. */
export async function startPatroni(bin: string): Promise<PatroniCluster> {
  const dir = mkdtempSync(join(tmpdir(), "jobq-patroni-"));
  chownSync(dir, NOBODY, NOBODY);
  const network = makeNetwork();
  const children: ChildProcess[] = [];
  const nodes: Node[] = [];
  const killAll = (): void => {
    for (const node of nodes) kill(node);
    for (const child of children) end(child);
  };
  const clean = (): void => {
    network.remove();
    rmSync(dir, { recursive: true, force: true });
  };
  process.once("exit", () => {
    killAll();
    clean();
  });
  const run = (host: Host, program: string, options: readonly string[]): ChildProcess => {
    const child = host.start(program, options, { ...process.env, ETCD_ENABLE_V2: "true", HOME: dir });
    children.push(child);
    return child;
  };

  const etcd = network.add("etcd");
  const at = (port: number): string => `http://${etcd.address}:${port}`;
  run(etcd, "/usr/bin/etcd", [
    ...["--data-dir", join(dir, "etcd"), "--listen-client-urls", at(2379), "--advertise-client-urls", at(2379)],
    ...["--listen-peer-urls", at(2380), "--initial-advertise-peer-urls", at(2380)],
    ...["--initial-cluster", `default=${at(2380)}`],
  ]);
  for (const name of ["one", "two", "three"]) {
    const host = network.add(name);
    const config = join(dir, `${name}.json`);
    writeFileSync(config, JSON.stringify(settings(name, dir, bin, host.address, etcd.address)));
    const child = run(host, "/usr/bin/patroni", [config]);
    nodes.push({ name, host, api: `http://${host.address}:8008`, data: join(dir, name), child });
    if (name === "one") await leaderOf(nodes); // the first makes the cluster
  }
  await synchronous(nodes);

  /** Does something to the leader; resolves when another one leads. */
  const befall = async (what: (leader: Node, others: readonly Node[]) => unknown): Promise<void> => {
    const leader = await leaderOf(nodes);
    const others = nodes.filter((node) => node !== leader);
    await what(leader, others);
    await leaderOf(others);
  };
  return {
    urls: nodes.map(({ host }) => `postgres://postgres@${host.address}:5432/postgres`),
    killLeader: () => befall(kill),
    cutLeaderOff: () => befall((leader) => leader.host.unplug()),
    partLeaderFromOthers: () =>
      befall((leader, others) => leader.host.loseWaysTo([etcd, ...others.map(({ host }) => host)])),
    switchOver: () => befall(askToLeave),
    async stop() {
      killAll();
      await pause(500); // what was killed still has files open
      clean();
    },
  };
}

function settings(name: string, dir: string, bin: string, address: string, etcd: string): object {
  const user = { username: "postgres" };
  return {
    ...{ scope: "jobq", name, etcd3: { host: `${etcd}:2379` } },
    restapi: { listen: `${address}:8008`, connect_address: `${address}:8008` },
    bootstrap: {
      dcs: { ttl: 20, loop_wait: 5, retry_timeout: 5, synchronous_mode: true, postgresql: { use_pg_rewind: true } },
      initdb: [{ encoding: "UTF8" }, { locale: "C" }, { auth: "trust" }, { username: "postgres" }, "no-sync"],
    },
    postgresql: {
      ...{ listen: `${address}:5432`, connect_address: `${address}:5432`, bin_dir: bin, data_dir: join(dir, name) },
      authentication: { superuser: user, replication: user, rewind: user },
      pg_hba: ["local all all trust", "host all all samenet trust", "host replication all samenet trust"],
      parameters: { unix_socket_directories: "" },
    },
  };
}

async function askToLeave({ api, name }: Node): Promise<void> {
  const response = await fetch(`${api}/switchover`, { method: "POST", body: JSON.stringify({ leader: name }) });
  if (!response.ok) throw new Error(`a switchover was refused: ${response.status} ${await response.text()}`);
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
    for (const node of nodes) if ((await statusOf(node, "primary")) === 200) return node;
    await pause(50);
  }
}

async function synchronous(nodes: readonly Node[]): Promise<void> {
  for (;;) {
    for (const node of nodes) if ((await statusOf(node, "synchronous")) === 200) return;
    await pause(100);
  }
}

/** What a node's Patroni has to say of it; undefined where it is not there, or not to be reached. */
async function statusOf({ api }: Node, role: string): Promise<number | undefined> {
  const response = await fetch(`${api}/${role}`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return response?.status;
}
