import { readFile } from "node:fs/promises";
import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { type ApiKey, checkKeys } from "@jobq/server";
import { UsageError } from "../failure.ts";

/** What a configuration file may say. Paths in it start from the folder that the command is called in. */
export interface Configuration {
  readonly url?: string;
  readonly key?: string;
  readonly store?: string;
  readonly http?: string | number;
  readonly basePath?: string;
  readonly workers?: number;
  readonly dataDir?: string;
  readonly shutdownTimeout?: string | number;
  readonly keepDone?: string | number;
  readonly keepCanceled?: string | number;
  readonly jobs?: string;
  /** The keys that open the API of `serve`. */
  readonly keys?: readonly ApiKey[];
}

const NAMES: OptionNames<Configuration> = {
  url: true,
  key: true,
  store: true,
  http: true,
  basePath: true,
  workers: true,
  dataDir: true,
  shutdownTimeout: true,
  keepDone: true,
  keepCanceled: true,
  jobs: true,
  keys: true,
};

/** Of these a number says as much as a text: a port, and nothing as a duration. */
const NUMBERS: readonly string[] = ["http", "shutdownTimeout", "keepDone", "keepCanceled"];

/** The file that is read when none is named. */
export const CONFIGURATION_FILE = "jobq.json";

/**
 * What the file says; nothing where none is named and there is none.
 * @param namedBy the option or variable that names it, if one does
 * @throws {UsageError} it cannot be read, is no JSON, or says what there is not
 */
export async function readConfiguration(path: string, namedBy: string | undefined): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (namedBy === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return {};
    const named = namedBy === undefined ? "" : `${namedBy}: `;
    throw new UsageError(`${named}the configuration file cannot be read: ${(error as Error).message}`);
  }
  try {
    return checkConfiguration(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

function checkConfiguration(value: unknown): Configuration {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType("the configuration", "an object", value);
  }
  const configuration = value as Configuration;
  checkOptions(configuration, NAMES, "the configuration");
  const { keys, workers, ...texts } = configuration;
  if (keys !== undefined) checkKeys(keys);
  if (workers !== undefined && typeof workers !== "number") throw wrongType("workers", "a number", workers);
  for (const [name, one] of Object.entries(texts)) {
    const isText = typeof one === "string" || (typeof one === "number" && NUMBERS.includes(name));
    if (!isText) throw wrongType(name, "a string", one);
  }
  return configuration;
}
