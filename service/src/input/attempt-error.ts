import { received } from "@jobq/core";
import { printable } from "./printable.ts";

/** An error as it is kept with an attempt: its parts cut at 8,192 characters in all. */
export interface AttemptError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** What else it carries that has a JSON, such as `code` and `details`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

const MAX_MESSAGE = 2048;
const MAX_STACK = 4096;
const MAX_DATA = 2048;

/** What is kept of an error, or of anything else that was thrown; nothing of undefined. */
export function attemptError(error: unknown): AttemptError | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof Error)) {
    return { name: "Thrown", message: cut(typeof error === "string" ? error : received(error), MAX_MESSAGE) };
  }
  const { name, message, stack } = error;
  return { name, message: cut(message, MAX_MESSAGE), stack: stack && cut(stack, MAX_STACK), data: dataOf(error) };
}

function cut(text: string, most: number): string {
  return printable(text.length > most ? `${text.slice(0, most)}…` : text);
}

function dataOf(error: Error): Readonly<Record<string, unknown>> | undefined {
  const data: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) if (key !== "name" && key !== "stack") data[key] = value;
  try {
    const text = JSON.stringify(data);
    return text === "{}" || text.length > MAX_DATA ? undefined : (JSON.parse(text) as Record<string, unknown>);
  } catch {
    return undefined; // in a circle, or a BigInt: it has no JSON
  }
}
