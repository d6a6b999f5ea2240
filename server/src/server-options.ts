import { checkOptions, type Duration, durationMs, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import type { EnqueueDefinition } from "@jobq/service/module";
import { type ApiKey, ApiKeys } from "./access/api-keys.ts";
import type { CorsOptions } from "./access/origin-guard.ts";
import { checkRate, type Rate } from "./access/rate-limit.ts";
import type { AuditLine, RequestLine } from "./access/request-log.ts";
import { checkBasePath } from "./base-path.ts";
import { JobKinds } from "./jobs/job-kinds.ts";
import { MODULE_NAMES, type ServerModules } from "./modules/server-modules.ts";
import type { StaticPage } from "./static/static-file.ts";

/**
 * Who may call. `keys`: callers with a key. `loopback`: requests to a loopback name. `open`: everyone, because a proxy
 * in front of the server authenticates.
 */
export type Access = "keys" | "loopback" | "open";

/** What workers in this process do, as GopherQueue's clients know it; any of its fields may be missing. */
export type WorkerStats = Readonly<Record<string, unknown>>;

/** The options of `createServer`. */
export interface ServerOptions extends ServerModules {
  /** The keys that open the API. An empty list is refused, unless `access` says who may call without one. */
  readonly keys?: readonly ApiKey[];
  /** Who may call; `keys` when those are given, else `loopback`. */
  readonly access?: Access;
  /** Host names under which a server without keys may be called, besides those of loopback. */
  readonly hosts?: readonly string[];
  /** Which pages of other origins may call; by default none. */
  readonly cors?: CorsOptions;
  /** How many requests each key may make, unless the key has its own rate; by default any number. */
  readonly rate?: Rate;
  /** A prefix of every path, such as `/queue`; none. */
  readonly basePath?: string;
  readonly limits?: ServerLimits;
  readonly timeouts?: ServerTimeouts;
  /**
   * Definitions made by `defineJob` and `defineWorkflow`. A job that is submitted with the name of one as its type gets
   * its topic, options and schema. None by default.
   */
  readonly definitions?: readonly EnqueueDefinition<never>[];
  /** A page to serve at `/`: `dashboard()` of `@jobq/server/dashboard`. By default there is none. */
  readonly dashboard?: StaticPage;
  /** The metrics as text in Prometheus's format; without it, `/metrics` serves JSON only. */
  readonly metrics?: () => Promise<string> | string;
  /** Returns what the stats show of workers; by default null. */
  readonly workers?: () => WorkerStats;
  /** Called for every request once it has been served, without its contents. */
  readonly log?: (line: RequestLine) => void;
  /** Called for every request that changes something or was not allowed to, without its contents. */
  readonly audit?: (line: AuditLine) => void;
}

/** The limits of a server. */
export interface ServerLimits {
  /** The largest body, in bytes; 10 MiB. */
  readonly body?: number;
  /** The deepest nesting of arrays and objects; 100. */
  readonly depth?: number;
  /** The largest number of open event streams; 2,000. */
  readonly streams?: number;
  /** The largest number of waiting calls; 10,000. */
  readonly waiting?: number;
  /** How many of the latest events are kept for readers that reconnect; 1,000. */
  readonly keptEvents?: number;
}

/** The timeouts of a server. */
export interface ServerTimeouts {
  /** How long a body may take to arrive; 30 seconds. */
  readonly body?: Duration;
  /** How long a request may take that does not wait; 30 seconds. */
  readonly request?: Duration;
  /** The longest wait of a call; 5 minutes. A longer wait is shortened to this. */
  readonly wait?: Duration;
  /** The time between two heartbeats on an event stream; 15 seconds. */
  readonly heartbeat?: Duration;
}

/** The options of a server, checked and whole. */
export interface Settings {
  readonly keys: ApiKeys;
  readonly access: Access;
  readonly hosts: readonly string[];
  readonly cors: CorsOptions | undefined;
  readonly rate: Rate | undefined;
  readonly basePath: string;
  readonly limits: Required<ServerLimits>;
  readonly timeoutsMs: Readonly<Record<keyof ServerTimeouts, number>>;
  readonly dashboard: StaticPage | undefined;
  readonly modules: ServerModules;
  readonly kinds: JobKinds;
  readonly metrics: ServerOptions["metrics"];
  readonly workers: ServerOptions["workers"];
  readonly log: ServerOptions["log"];
  readonly audit: ServerOptions["audit"];
}

const NAMES: OptionNames<ServerOptions> = {
  keys: true,
  access: true,
  hosts: true,
  cors: true,
  rate: true,
  basePath: true,
  limits: true,
  timeouts: true,
  dashboard: true,
  schedules: true,
  workflows: true,
  bundles: true,
  definitions: true,
  metrics: true,
  workers: true,
  log: true,
  audit: true,
};
const LIMIT_NAMES: OptionNames<ServerLimits> = {
  body: true,
  depth: true,
  streams: true,
  waiting: true,
  keptEvents: true,
};
const TIMEOUT_NAMES: OptionNames<ServerTimeouts> = { body: true, request: true, wait: true, heartbeat: true };
const LIMITS: Required<ServerLimits> = {
  body: 10 * 1024 * 1024,
  depth: 100,
  streams: 2000,
  waiting: 10_000,
  keptEvents: 1000,
};
const TIMEOUTS: Required<ServerTimeouts> = { body: "30s", request: "30s", wait: "5m", heartbeat: "15s" };

/** @throws {TypeError | RangeError} an invalid option, or whose name there is not */
export function settingsOf(options: ServerOptions): Settings {
  checkOptions(options, NAMES);
  const { keys = [], hosts = [], rate, cors } = options;
  if (!Array.isArray(keys)) throw wrongType("keys", "an array", keys);
  if (!Array.isArray(hosts)) throw wrongType("hosts", "an array of names", hosts);
  for (const host of hosts) if (typeof host !== "string") throw wrongType("hosts", "names such as jobs.test", host);
  // An empty list, as a configuration that was not read makes it, does not open what was meant to be locked.
  const access = options.access ?? (options.keys ? "keys" : "loopback");
  if (!["keys", "loopback", "open"].includes(access)) throw wrongType("access", "keys, loopback or open", access);
  if (access === "keys" && keys.length === 0) throw outOfRange("keys", "at least one for access by keys", keys);
  for (const name of ["metrics", "workers", "log", "audit"] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== "function") throw wrongType(name, "a function", value);
  }
  for (const name of MODULE_NAMES) {
    const value = options[name];
    if (value !== undefined && typeof value?.get !== "function") throw wrongType(name, `the module's ${name}`, value);
  }
  return {
    keys: new ApiKeys(keys),
    access,
    hosts: hosts.map((host) => host.toLowerCase()),
    cors: cors === undefined ? undefined : checkCors(cors),
    rate: rate === undefined ? undefined : checkRate(rate, "rate"),
    basePath: checkBasePath(options.basePath ?? ""),
    limits: limitsOf(options.limits ?? {}),
    timeoutsMs: timeoutsOf(options.timeouts ?? {}),
    dashboard: options.dashboard === undefined ? undefined : checkPage(options.dashboard),
    modules: { schedules: options.schedules, workflows: options.workflows, bundles: options.bundles },
    kinds: new JobKinds(options.definitions ?? []),
    metrics: options.metrics,
    workers: options.workers,
    log: options.log,
    audit: options.audit,
  };
}

function limitsOf(limits: ServerLimits): Required<ServerLimits> {
  checkOptions(limits, LIMIT_NAMES, "limits");
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) throw outOfRange(`limits.${name}`, "a whole number from 1", value);
  }
  return { ...LIMITS, ...limits };
}

function timeoutsOf(timeouts: ServerTimeouts): Readonly<Record<keyof ServerTimeouts, number>> {
  checkOptions(timeouts, TIMEOUT_NAMES, "timeouts");
  const ms = (name: keyof ServerTimeouts): number => {
    const length = durationMs(timeouts[name] ?? TIMEOUTS[name], `timeouts.${name}`);
    if (length > 0) return length;
    throw outOfRange(`timeouts.${name}`, "longer than nothing", timeouts[name]);
  };
  return { body: ms("body"), request: ms("request"), wait: ms("wait"), heartbeat: ms("heartbeat") };
}

function checkPage(page: StaticPage): StaticPage {
  if (typeof page === "object" && typeof page?.files === "function") return page;
  throw wrongType("dashboard", "dashboard() of @jobq/server/dashboard", page);
}

function checkCors(cors: CorsOptions): CorsOptions {
  if (typeof cors !== "object" || cors === null) throw wrongType("cors", "an object with origins", cors);
  checkOptions(cors, { origins: true }, "cors");
  const { origins } = cors;
  if (origins === "*") return cors;
  if (!Array.isArray(origins)) throw wrongType("cors.origins", 'an array of origins or "*"', origins);
  for (const origin of origins) {
    const isOrigin = typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!isOrigin) throw wrongType("cors.origins", "origins such as https://app.example.com", origin);
  }
  return cors;
}
