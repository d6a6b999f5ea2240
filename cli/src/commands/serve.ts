import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { wrongType } from "@jobq/core";
import { type ApiKey, checkBasePath, checkKeys } from "@jobq/server";
import { listen } from "@jobq/server/node";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { duration } from "../input/duration.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { loadJobsModule } from "../serve/jobs-module.ts";
import { listenAddress } from "../serve/listen-address.ts";
import { RunningServer } from "../serve/running-server.ts";
import { type Bind, type Session, subcommand } from "../session.ts";
import { loadSetting, readSetting } from "../settings/setting.ts";
import { checkedStore, type GlobalOptions, type Settings } from "../settings/settings.ts";
import { withoutPassword } from "../store/store-address.ts";

interface ServeCommandOptions extends GlobalOptions {
  readonly migrate: boolean;
  readonly log?: string;
}

/** Adds `jobq serve`. */
export function addServe(program: Command, bind: Bind): void {
  subcommand(program, "serve", "Serve a queue over HTTP, and run its jobs")
    .option(
      "--http <address>",
      "where to listen: :8080 is this machine only, 0.0.0.0:8080 everywhere; port 0 takes any",
    )
    .option("--base-path <path>", "put before every path, such as /queue; nothing")
    .option("--workers <number>", "how many jobs run at once; 10, and none with 0")
    .option("--data-dir <folder>", "a LevelDB in this folder; ./data")
    .option("--shutdown-timeout <duration>", "how long jobs and requests may take to end; 30s")
    .option("--keep-done <duration>", "how long jobs are kept that are done, such as 7d; for ever")
    .option("--keep-canceled <duration>", "how long jobs are kept that failed or were canceled; for ever")
    .option("--jobs <module>", "a module that exports job definitions, schedules, topics and setup")
    .option("--keys <file>", "JSON: the keys that open the API, as `jobq keys` makes them")
    .option("--no-migrate", "leave the tables of a SQL store as they are")
    .option("--log <what>", "lines of JSON on standard error: none, audit (what changes something) or requests")
    .action(bind(serve));
}

async function serve(session: Session, _: readonly string[], options: ServeCommandOptions): Promise<void> {
  const { io, printer, settings } = session;
  const address = settings.or("http", ":8080");
  const listenAt = readSetting(address, listenAddress);
  const workers = readSetting(settings.or("workers", "10"), (text, from) => wholeNumber(text, from, 0));
  const timeoutMs = readSetting(settings.or("shutdownTimeout", "30s"), duration);
  const basePath = readSetting(settings.or("basePath", "/"), checkBasePath);
  const keep = { done: keptMs(settings, "keepDone"), canceled: keptMs(settings, "keepCanceled") };
  const store = storeOf(settings);
  const starting = start();
  const server = await Promise.race([starting, aborted(io.signal)]);
  if (!server) {
    // What holds it up, such as a `setup` that never ends, is not waited for.
    starting.then((late) => late.stop(0)).catch(() => {});
    return printer.note("stopped before it served");
  }
  const { url } = server;
  if (printer.json) await printer.line(JSON.stringify({ url, store: withoutPassword(store), workers }));
  else await printer.line(`jobq serves ${withoutPassword(store)} at ${url} with ${workers} workers`);
  await aborted(io.signal);
  await printer.note(`stopping, within ${timeoutMs / 1000} s`);
  await server.stop(timeoutMs);

  async function start(): Promise<RunningServer> {
    const module = await loadJobsModule(settings.first("jobs"), io.cwd);
    const keys = await keysOf(session);
    return RunningServer.start({
      listen: (server) => loadSetting(address, () => listen(server, listenAt)),
      basePath,
      store,
      open: { cwd: io.cwd, create: true, listen: true },
      workers,
      keep,
      keys,
      module,
      migrate: options.migrate,
      server: loggingTo(session, options.log),
      onError: ({ doing, error }) => void printer.note(`${doing}: ${error instanceof Error ? error.message : error}`),
    });
  }
}

function storeOf(settings: Settings): string {
  const set = settings.first("store", "dataDir");
  if (set?.name === "store") return readSetting(set, checkedStore);
  return `level://${set ? readSetting(set, folder) : "data"}`;
}

function folder(text: string, what: string): string {
  if (text !== "") return join(text);
  throw wrongType(what, "a folder", text);
}

/** How long ended jobs are kept; undefined where that is for ever. */
function keptMs(settings: Settings, name: "keepDone" | "keepCanceled"): number | undefined {
  const set = settings.first(name);
  return set && readSetting(set, duration);
}

/**
 * The keys; undefined where none are given.
 * @throws {UsageError} the file cannot be read, or has no keys as the server takes them
 */
async function keysOf({ io, settings }: Session): Promise<readonly ApiKey[] | undefined> {
  const set = settings.keys;
  if (set === undefined) return undefined;
  const { value, from } = set;
  try {
    const keys = typeof value === "string" ? JSON.parse(await readFile(resolve(io.cwd, value), "utf8")) : value;
    if (checkKeys(keys).length > 0) return keys;
    throw new UsageError(
      "at least one key must be there, as `jobq keys` makes them; a server without keys has no list",
    );
  } catch (error) {
    const file = typeof value === "string" ? `${value}: ` : "";
    throw new UsageError(`${from}: ${file}${(error as Error).message}`);
  }
}

function loggingTo(
  { printer }: Session,
  what = "none",
): { log?: (line: object) => void; audit?: (line: object) => void } {
  const write = (line: object): void => void printer.note(JSON.stringify(line));
  if (what === "none") return {};
  if (what === "audit") return { audit: write };
  if (what === "requests") return { log: write, audit: write };
  throw new UsageError(`--log must be none, audit or requests, got "${what}"`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
