import { JobqError } from "@jobq/core";

/**
 * The value; one that is left out of JSON would be lost without a word.
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function checkHasJson<T>(value: T, what: "payload" | "result" | "value"): T {
  if (typeof value !== "function" && typeof value !== "symbol") return value;
  throw new JobqError("PAYLOAD_INVALID", `${what}: a ${typeof value} has no JSON`);
}

/** Where something of a kind is, or what is done to it. */
export function pathOf(kind: string, id: string, action?: string): string {
  return `/api/v1/${kind}/${encodeURIComponent(id)}${action ? `/${action}` : ""}`;
}

/** A query of what is given, with its question mark. */
export function queryText(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** An instant as it comes over the wire. */
export function instantOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** What a call resolves with, undefined where there is no such job. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof JobqError && error.code === "JOB_NOT_FOUND") return undefined;
    throw error;
  }
}
