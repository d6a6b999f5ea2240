import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nearestName, wrongType } from "@jobq/core";
import type { JobService } from "@jobq/service";
import type { ScheduleOptions, When } from "@jobq/service/cron";
import type { JobDefinition, TopicOptions } from "@jobq/service/worker";
import { UsageError } from "../failure.ts";
import { loadSetting, type Setting } from "../settings/setting.ts";

/** A schedule as a module exports it: when, and what else `schedules.set` takes. */
export type ScheduleExport = ScheduleOptions & { readonly when: When };

/** What `--jobs` brings. */
export interface JobsModule {
  readonly jobs: readonly JobDefinition[];
  readonly schedules: Readonly<Record<string, ScheduleExport>>;
  readonly topics: Readonly<Record<string, TopicOptions>>;
  /** Called with the service before anything runs. */
  readonly setup: ((service: JobService) => unknown) | undefined;
}

/** As stacks have it. */
const HERE = fileURLToPath(import.meta.url);

const NOTHING: JobsModule = { jobs: [], schedules: {}, topics: {}, setup: undefined };

/**
 * Loads a module of the user's: every job definition that it exports, or has in an exported array, and `schedules`,
 * `topics` and `setup`.
 * @throws {UsageError} it cannot be loaded, or exports something that it should not
 */
export async function loadJobsModule(set: Setting | undefined, cwd: string): Promise<JobsModule> {
  return set ? loadSetting(set, (file) => load(file, cwd)) : NOTHING;
}

async function load(file: string, cwd: string): Promise<JobsModule> {
  const path = resolve(cwd, file);
  let exported: Readonly<Record<string, unknown>>;
  try {
    await access(path, constants.R_OK);
    exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`${file} cannot be loaded: ${whyOf(cause)}`);
  }
  try {
    return checkModule(exported);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** What failed, and where in the module: a failure of Node's own, as to find a file, says so by its message. */
function whyOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ("code" in cause) return cause.message;
  const lines = (cause.stack ?? cause.message).split("\n").filter((line) => !/^\s+at .*\bnode:/.test(line));
  const own = lines.findIndex((line) => line.includes(HERE));
  return lines.slice(0, own < 0 ? undefined : own).join("\n");
}

function checkModule({ schedules, topics, setup, ...others }: Readonly<Record<string, unknown>>): JobsModule {
  if (schedules !== undefined && !isRecord(schedules)) throw wrongType("schedules", "an object by name", schedules);
  for (const [name, schedule] of Object.entries(schedules ?? {})) {
    if (!isRecord(schedule)) throw wrongType(`schedules["${name}"]`, "an object with `when`", schedule);
    if (isRecord(schedule.when)) continue;
    throw wrongType(
      `schedules["${name}"].when`,
      "what every, daily, weekly or cron of @jobq/service/cron returns",
      schedule.when,
    );
  }
  if (topics !== undefined && !isRecord(topics)) throw wrongType("topics", "an object by name", topics);
  if (setup !== undefined && typeof setup !== "function") throw wrongType("setup", "a function", setup);
  for (const [name, value] of Object.entries(others)) checkExport(name, value);
  const jobs = [...new Set(Object.values(others).flatMap(definitionsIn))];
  if (jobs.length === 0 && !schedules && !setup) {
    throw new TypeError("it exports no job definition (`defineJob`), no `schedules` and no `setup`");
  }
  return {
    jobs,
    schedules: (schedules ?? {}) as JobsModule["schedules"],
    topics: (topics ?? {}) as JobsModule["topics"],
    setup: setup as JobsModule["setup"],
  };
}

/** Refuses what would be passed over though it was most likely meant; definitions may have any name. */
function checkExport(name: string, value: unknown): void {
  const isSetup = typeof value === "function" && /^set/i.test(name); // but not `stop`, which a module may have
  const meant = isSetup ? ["setup"] : isRecord(value) && !isDefinition(value) ? ["schedules", "topics"] : [];
  const near = nearestName(name, meant);
  if (near === undefined) return;
  throw new TypeError(`it exports "${name}"; did you mean "${near}"?`);
}

function definitionsIn(value: unknown): readonly JobDefinition[] {
  return (Array.isArray(value) ? value : [value]).filter(isDefinition);
}

function isDefinition(value: unknown): value is JobDefinition {
  return isRecord(value) && ["name", "topic"].every((name) => typeof value[name] === "string") && "parse" in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
