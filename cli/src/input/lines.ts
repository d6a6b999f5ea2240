import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { textsOf } from "./texts.ts";

/**
 * The lines of a stream, read no faster than they are taken and none before the first is asked for. Ends when the command
 * is asked to stop, between two lines or while it waits for one.
 * @throws {UsageError} it cannot be read
 */
export async function* linesOf(input: Io["stdin"], signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  let rest = "";
  try {
    for await (const text of textsOf(input, signal)) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        signal.throwIfAborted();
        yield line;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new UsageError(`the import cannot be read: ${(error as Error).message}`);
  }
  if (rest !== "") yield rest;
}
