import { JobqError } from "@jobq/core";
import type { CompiledQuery } from "kysely";
import type { Run } from "./run.ts";

/** A UTF-16 unit takes at most 3 bytes of UTF-8, and those that are escaped 2; what else there is to a value, at most 20. */
const MAX_BYTES_PER_UNIT = 3;
const MAX_BYTES_PER_VALUE = 20;

/** What a driver that puts values into the text of a statement escapes by one more byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it escapes
const ESCAPED = /[\u0000\b\t\n\r\u001a"'\\]/g;

/** How many bytes a statement has to stay below on MySQL and MariaDB. */
export async function packetLimit(run: Run): Promise<number> {
  return Number((await run("select @@max_allowed_packet as bytes"))[0]?.bytes);
}

/**
 * Refuses a statement that the server would not take, before it is sent: the server ends the connection instead, which
 * looks like an outage, and what was under way would be tried again in vain.
 * @throws {JobqError} PAYLOAD_TOO_LARGE
 */
export function checkPacket({ sql, parameters }: CompiledQuery, limit: number): void {
  const lengthOf = (value: unknown): number => (typeof value === "string" ? value.length : 0);
  const units = parameters.reduce((sum: number, value) => sum + lengthOf(value), sql.length);
  if (units * MAX_BYTES_PER_UNIT + parameters.length * MAX_BYTES_PER_VALUE < limit) return;
  const bytes = packetSize(sql, parameters);
  if (bytes < limit) return;
  const message = `a statement of ${bytes} bytes is more than the server takes: its max_allowed_packet is ${limit}`;
  throw new JobqError("PAYLOAD_TOO_LARGE", message, { details: { bytes, limit } });
}

/** How many bytes it takes with the values in place of the question marks, and what tells that it is a statement. */
function packetSize(sql: string, parameters: readonly unknown[]): number {
  return parameters.reduce((sum: number, value) => sum + valueSize(value) - 1, 1 + bytesOf(sql));
}

function valueSize(value: unknown): number {
  if (typeof value !== "string") return String(value).length;
  return bytesOf(value) + value.length - value.replace(ESCAPED, "").length + "''".length;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
