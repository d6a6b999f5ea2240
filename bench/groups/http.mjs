import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Whose versions the report names. */
export const packages = ["hono", "@hono/node-server", "classic-level"];

const exec = promisify(execFile);
const SERVER = fileURLToPath(new URL("../http-server.mjs", import.meta.url));
const SCRIPT = `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"type":"email","payload":{"to":"ada@example.com"}}'
`;

/** A server in a process of its own. */
async function withServer(store, folder, work) {
  const child = fork(SERVER, [JSON.stringify({ store, folder })], { execArgv: ["--expose-gc"] });
  try {
    const [{ url }] = await once(child, "message");
    const usage = async () => {
      child.send("usage");
      return (await once(child, "message"))[0];
    };
    return await work(url, usage);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** As wrk tells it, with the time of all cores that the server took for each request. */
async function submitted(folder, url, usage, seconds) {
  const script = join(folder, "submit.lua");
  await writeFile(script, SCRIPT);
  const load = (duration) =>
    exec("wrk", ["-t1", "-c100", `-d${duration}s`, "--latency", "-s", script, `${url}/api/v1/jobs`]);
  await load(Math.ceil(seconds / 2)); // so that everything is compiled
  const before = await usage();
  const { stdout } = await load(seconds);
  const after = await usage();
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
  return {
    value: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    "p99 ms": Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit],
    "CPU µs each": ((after.cpuMs - before.cpuMs) * 1000) / requests,
  };
}

async function idleReaders(url, usage, count) {
  await get(`${url}/live`).once("response", (response) => response.resume());
  const before = await usage();
  const open = [];
  for (let n = 0; n < count; n++) {
    const request = get(`${url}/api/v1/events`, { agent: false });
    const [response] = await once(request, "response");
    response.resume();
    open.push(request);
  }
  const after = await usage();
  for (const request of open) request.destroy();
  return { value: (after.rss - before.rss) / 2 ** 20 };
}

export async function workloads({ quick }) {
  const there = await exec("wrk", ["-v"]).then(
    () => true,
    ({ code }) => code !== "ENOENT",
  );
  if (!there) return [];
  const seconds = quick ? 2 : 10;
  const stores = [
    ["jobq, machine", "LevelDB, fsynced: the default of `jobq serve`", "machine"],
    ["jobq, process", "LevelDB, not fsynced", "process"],
    ["jobq, memory", "memory", "memory"],
    ["bare Node", "reads the body, sends as much, keeps nothing", "none"],
  ];
  return [
    {
      id: "submit",
      warm: 0,
      title: "Submit over HTTP, 100 connections",
      shape: `\`POST /api/v1/jobs\`, ${seconds} seconds of wrk with one thread, which shares the cores with the server.`,
      unit: "requests/s",
      better: "more",
      ratio: ["jobq, machine", "bare Node"],
      contenders: stores.map(([name, note, store]) => ({
        name,
        note,
        run: ({ folder }) =>
          withServer(store, join(folder, "store"), (url, usage) => submitted(folder, url, usage, seconds)),
      })),
    },
    {
      id: "readers",
      warm: 0,
      title: "A thousand idle readers of events",
      shape: "1,000 connections to `GET /api/v1/events` on which nothing happens: the growth of resident memory.",
      unit: "MB",
      better: "less",
      contenders: [
        {
          name: "jobq, memory",
          note: "after a full collection",
          run: ({ folder }) => withServer("memory", folder, (url, usage) => idleReaders(url, usage, 1000)),
        },
      ],
    },
  ];
}
