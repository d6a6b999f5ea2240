import { UsageError } from "../failure.ts";

/**
 * The lines of a stream, read no faster than they are taken and none before the first is asked for. Ends between two lines
 * when the command is asked to stop.
 * @throws {UsageError} it cannot be read
 */
export async function* linesOf(
  input: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of input) {
      const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split(
        /\r?\n/,
      );
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
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
