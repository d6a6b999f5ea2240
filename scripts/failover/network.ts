import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** A machine with an address of its own: a network namespace of Linux. */
export interface Host {
  readonly address: string;
  /** Starts a program there, as nobody in particular: PostgreSQL refuses to run as root. */
  start(program: string, options: readonly string[], env: NodeJS.ProcessEnv): ChildProcess;
  /** Takes it off the network. What is sent to it and from it is lost; nobody is told. */
  unplug(): void;
  /** Has what it sends to those others lost, and nothing else. */
  loseWaysTo(others: readonly Host[]): void;
}

/** Hosts that reach each other, and are reached from here. */
export interface Network {
  add(name: string): Host;
  remove(): void;
}

export const NOBODY = 65_534;
const SUBNET = "10.231.77";
const NO_MACHINE = "02:00:00:00:00:99";

/** Whether this process may make one: it takes root, and Debian's package iproute2. */
export function canMakeNetwork(): boolean {
  return process.getuid?.() === 0 && spawnSync("ip", ["-Version"]).status === 0;
}

/** Makes a bridge that the hosts are plugged into. */
export function makeNetwork(): Network {
  const bridge = `jobq${process.pid}`; // names of devices have at most 15 characters
  const made: { namespace: string; cable: string }[] = [];
  ip("link", "add", bridge, "type", "bridge");
  ip("address", "add", `${SUBNET}.1/24`, "dev", bridge);
  ip("link", "set", bridge, "up");
  return {
    add(name) {
      const [namespace, cable] = [`${bridge}-${name}`, `${bridge}-${made.length}`];
      const address = `${SUBNET}.${11 + made.length}`;
      made.push({ namespace, cable });
      ip("netns", "add", namespace);
      ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      ip("link", "set", cable, "master", bridge, "up");
      ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
      for (const device of ["lo", "eth0"]) ip("-n", namespace, "link", "set", device, "up");
      return {
        address,
        start(program, options, env) {
          const nobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
          const command = ["netns", "exec", namespace, ...nobody, program, ...options];
          return spawn("ip", command, { stdio: "ignore", detached: true, env });
        },
        unplug: () => ip("link", "set", cable, "nomaster"),
        loseWaysTo(others) {
          for (const other of others)
            ip("-n", namespace, "neighbour", "replace", other.address, "lladdr", NO_MACHINE, "dev", "eth0");
        },
      };
    },
    remove() {
      for (const { namespace, cable } of made.splice(0)) {
        spawnSync("ip", ["link", "delete", cable]);
        spawnSync("ip", ["netns", "delete", namespace]);
      }
      spawnSync("ip", ["link", "delete", bridge]);
    },
  };
}

function ip(...words: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${words.join(" ")}: ${stderr}`);
}
