import { addAbortSignal, Readable } from "node:stream";
import type { Io } from "../io.ts";

/** What a stream has, as text and as it comes. A wait for more of it ends when the command is asked to stop. */
export async function* textsOf(input: Io["stdin"], signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  if (input instanceof Readable) addAbortSignal(signal, input);
  const decoder = new TextDecoder();
  for await (const chunk of input) yield typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
