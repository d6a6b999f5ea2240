import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { textsOf } from "./texts.ts";

/** Where texts are read from, until the command is asked to stop. */
type Sources = Pick<Io, "cwd" | "stdin" | "signal">;

/**
 * The text that an option names: itself, a file after `@`, or standard input as `-`.
 * @throws {UsageError} the file cannot be read
 */
export async function textOf(given: string, io: Sources): Promise<string> {
  if (given === "-") return readAll(io);
  if (!given.startsWith("@")) return given;
  try {
    return await readFile(resolve(io.cwd, given.slice(1)), "utf8");
  } catch (error) {
    throw new UsageError(`${given.slice(1)} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * A payload as JSON, from where {@link textOf} finds it.
 * @throws {UsageError} no JSON
 */
export async function payloadOf(given: string | undefined, io: Sources): Promise<unknown> {
  if (given === undefined) return undefined;
  const text = await textOf(given, io);
  try {
    return JSON.parse(text);
  } catch {
    const shown = text.trim().slice(0, 60);
    throw new UsageError(
      `the payload must be JSON, got ${shown}; a text goes in double quotes: '"${shown.slice(0, 20)}"'`,
    );
  }
}

async function readAll({ stdin, signal }: Sources): Promise<string> {
  let all = "";
  for await (const text of textsOf(stdin, signal)) all += text;
  return all;
}
