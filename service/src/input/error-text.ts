import { received } from "@jobq/core";
import { checkType } from "./check.ts";
import { printable } from "./printable.ts";

/** Longest error text that is kept, in UTF-16 units. */
const MAX_ERROR_LENGTH = 8192;

/** What is kept of an error: its name and message, or the text of whatever was thrown. */
export function errorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : typeof error === "string" ? error : received(error);
  return printable(text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH)}…` : text);
}

/** @throws {TypeError} not a string */
export function checkReason(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : errorText(checkType(reason, "string", "a reason"));
}

/** What an error, or anything else that was thrown, says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
