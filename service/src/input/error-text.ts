import { received } from "@jobq/core";
import { checkType } from "./check.ts";
import { printable } from "./printable.ts";

/** Longest error text that is kept, in UTF-16 units. */
const MAX_ERROR_LENGTH = 8192;

/** What is kept of an error: its name, message and stack, cut at 8,192 characters; or the text of what was thrown. */
export function errorText(error: NonNullable<unknown> | null): string;
export function errorText(error: unknown): string | undefined;
export function errorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const text = error instanceof Error ? whole(error) : typeof error === "string" ? error : received(error);
  return printable(text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH)}…` : text);
}

/** Some engines begin the stack with name and message, which may be those of another class by then. */
function whole({ name, message, stack = "" }: Error): string {
  const frames = stack.startsWith(`${name}: ${message}`) ? stack.slice(name.length + message.length + 2) : stack;
  const first = frames.search(/^ +at /m);
  return `${name}: ${message}\n${first < 0 ? frames : frames.slice(first)}`.trimEnd();
}

/** @throws {TypeError} not a string */
export function checkReason(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : errorText(checkType(reason, "string", "a reason"));
}

/** What an error, or anything else that was thrown, says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
