import { JobqError } from "@jobq/core";
import type { CompiledQuery } from "kysely";
import type { Run } from "./run.ts";

/** A UTF-16 unit takes at most 3 bytes of UTF-8, and some of these are escaped. */
const MAX_BYTES_PER_UNIT = 4;

/** What a driver that puts values into the text of a statement escapes by one more byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it escapes
const ESCAPED = /[\u0000\b\t\n\r\u001a"'\\]/g;

/** How many bytes a statement may take on MySQL and MariaDB. */
export async function packetLimit(run: Run): Promise<number> {
  return Number((await run("select @@max_allowed_packet as bytes"))[0]?.bytes);
}

/**
 * Refuses a statement that the server would not take, before it is sent: the server ends the connection instead, which
 * looks like an outage, and what was under way would be tried again in vain.
 * @throws {JobqError} PAYLOAD_TOO_LARGE
 */
export function checkPacket({ sql, parameters }: CompiledQuery, limit: number): void {
  const texts = [sql, ...parameters.filter((value) => typeof value === "string")];
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units * MAX_BYTES_PER_UNIT <= limit) return;
  const bytes = texts.reduce((sum, text) => sum + bytesOf(text), 0);
  if (bytes <= limit) return;
  const message = `a statement of ${bytes} bytes is more than the server takes: its max_allowed_packet is ${limit}`;
  throw new JobqError("PAYLOAD_TOO_LARGE", message, { details: { bytes, limit } });
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length + (text.match(ESCAPED)?.length ?? 0);
}
