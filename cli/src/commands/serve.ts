import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ApiKey, checkKeys } from "@jobq/server";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { duration } from "../input/duration.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { loadJobsModule } from "../serve/jobs-module.ts";
import { listenAddress } from "../serve/listen-address.ts";
import { type Keep, RunningServer } from "../serve/running-server.ts";
import { type Bind, type Session, subcommand } from "../session.ts";
import type { GlobalOptions } from "../settings/settings.ts";
import { withoutPassword } from "../store/store-address.ts";

interface ServeCommandOptions extends GlobalOptions {
  readonly http?: string;
  readonly basePath?: string;
  readonly workers?: string;
  readonly dataDir?: string;
  readonly shutdownTimeout?: string;
  readonly keepDone?: string;
  readonly keepCanceled?: string;
  readonly jobs?: string;
  readonly keys?: string;
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
  const { configuration } = settings;
  if (options.store !== undefined && options.dataDir !== undefined) {
    throw new UsageError("--store and --data-dir exclude each other");
  }
  const address = listenAddress(settings.value(options.http, "JOBQ_HTTP", configuration.http) ?? ":8080");
  const workers = wholeNumber(
    String(settings.value(options.workers, "JOBQ_WORKERS", configurationWorkers()) ?? 10),
    "--workers",
    0,
  );
  const timeoutText = settings.value(options.shutdownTimeout, "JOBQ_SHUTDOWN_TIMEOUT", configuration.shutdownTimeout);
  const timeoutMs = duration(timeoutText ?? "30s", "--shutdown-timeout");
  const keep = keepOf(session, options);
  const store = storeOf(session, options);
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
    const module = await loadJobsModule(settings.value(options.jobs, "JOBQ_JOBS", configuration.jobs), io.cwd);
    return RunningServer.start({
      address,
      basePath: settings.value(options.basePath, "JOBQ_BASE_PATH", configuration.basePath) ?? "/",
      store,
      open: { cwd: io.cwd, create: true, listen: true },
      workers,
      keep,
      keys: await keysOf(session, options),
      module,
      migrate: options.migrate,
      server: loggingTo(session, options.log),
      onError: ({ doing, error }) => void printer.note(`${doing}: ${error instanceof Error ? error.message : error}`),
    });
  }

  function configurationWorkers(): string | undefined {
    return configuration.workers === undefined ? undefined : String(configuration.workers);
  }
}

function storeOf({ io, settings }: Session, { store, dataDir }: ServeCommandOptions): string {
  const { configuration } = settings;
  const inFolder = (folder: string): string => `level://${join(folder)}`;
  if (store !== undefined) return store;
  if (dataDir !== undefined) return inFolder(dataDir);
  if (io.env.JOBQ_STORE) return io.env.JOBQ_STORE;
  if (io.env.JOBQ_DATA_DIR) return inFolder(io.env.JOBQ_DATA_DIR);
  return configuration.store ?? inFolder(configuration.dataDir ?? "./data");
}

/** How long ended jobs are kept; undefined where that is for ever. */
function keepOf({ settings }: Session, { keepDone, keepCanceled }: ServeCommandOptions): Keep {
  const { configuration } = settings;
  const ms = (text: string | undefined, name: string): number | undefined =>
    text === undefined ? undefined : duration(text, name);
  return {
    done: ms(settings.value(keepDone, "JOBQ_KEEP_DONE", configuration.keepDone), "--keep-done"),
    canceled: ms(settings.value(keepCanceled, "JOBQ_KEEP_CANCELED", configuration.keepCanceled), "--keep-canceled"),
  };
}

/**
 * The keys; undefined where none are given.
 * @throws {UsageError} the file cannot be read, or has no keys as the server takes them
 */
async function keysOf(
  { io, settings }: Session,
  { keys }: ServeCommandOptions,
): Promise<readonly ApiKey[] | undefined> {
  const file = keys ?? (io.env.JOBQ_KEYS || undefined);
  if (file === undefined) return settings.configuration.keys;
  try {
    return checkKeys(JSON.parse(await readFile(resolve(io.cwd, file), "utf8")));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
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
