import type { MonotonicClock } from "@jobq/core";
import { Fault } from "../fault.ts";
import { inTime } from "../time/in-time.ts";

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  /** In bytes. */
  readonly size: number;
  readonly timeoutMs: number;
  readonly clock: MonotonicClock;
}

/** A body that is being read. */
interface Reading {
  readonly bytes: Promise<ArrayBuffer | Uint8Array>;
  /** Nobody wants the rest. */
  readonly cancel: () => void;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The body as text; the empty string where there is none.
 * @throws {Fault} too_large, as soon as that is known; request_timeout; unsupported_media_type for a body that does not
 *   say it is JSON; invalid_request for one that is not UTF-8, was cut off, or was read before this server got it
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<string> {
  const { headers } = request;
  const length = headers.get("content-length");
  if (length !== null && !/^\d{1,15}$/.test(length)) throw new Fault("invalid_request", "content-length is no number");
  const declared = length === null ? undefined : Number(length);
  const isChunked = headers.get("transfer-encoding") !== null;
  if (declared === 0 || (declared === undefined && !isChunked && !request.body)) return "";
  if (declared !== undefined && declared > limits.size) throw tooLarge(limits.size);
  const type = headers.get("content-type");
  // Node takes any POST without a length for one with a body: whether there is one shows when it is read.
  const mayBeNone = declared === undefined && type === null;
  if (!mayBeNone) checkMediaType(type);
  if (request.bodyUsed) throw readBefore();
  // The runtime cuts a body of known length off at that length; one of unknown length has to be counted.
  const reading = declared === undefined ? countedBytes(request, limits.size) : wholeBody(request);
  const bytes = await received(reading, limits);
  if (bytes.byteLength > limits.size) throw tooLarge(limits.size);
  if (bytes.byteLength === 0 && declared !== undefined) throw readBefore();
  if (bytes.byteLength > 0) checkMediaType(type);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Fault("invalid_request", "the body is not UTF-8", { cause });
  }
}

function checkMediaType(type: string | null): void {
  const media = type?.split(";", 1)[0]?.trim().toLowerCase();
  if (media === "application/json" || (media?.startsWith("application/") && media.endsWith("+json"))) return;
  throw new Fault("unsupported_media_type", "a body must come with content-type: application/json");
}

function tooLarge(size: number): Fault {
  return new Fault("too_large", `the body must be at most ${size} bytes`);
}

/** What a body parser that runs first, such as `express.json()`, leaves behind; no client can help it. */
function readBefore(cause?: unknown): Fault {
  const message = "the body was read before it got here: mount the server before body parsers such as express.json()";
  return new Fault("invalid_request", message, { cause });
}

async function received(
  { bytes, cancel }: Reading,
  { clock, timeoutMs }: BodyLimits,
): Promise<ArrayBuffer | Uint8Array> {
  const late = (): Fault => {
    cancel();
    return new Fault("request_timeout", "the body did not arrive in time", { headers: { connection: "close" } });
  };
  try {
    return await inTime<ArrayBuffer | Uint8Array>(clock, timeoutMs, bytes, late);
  } catch (error) {
    if (error instanceof Fault) throw error;
    // Each runtime has its own words for a body that has been read already.
    if (error instanceof TypeError && /unusable|already|locked/i.test(error.message)) throw readBefore(error);
    throw new Fault("invalid_request", "the body was cut off", { cause: error });
  }
}

function wholeBody(request: Request): Reading {
  return { bytes: request.arrayBuffer(), cancel: () => {} };
}

function countedBytes({ body }: Request, size: number): Reading {
  if (body?.locked) throw readBefore();
  const reader = body?.getReader();
  const cancel = (): void => void reader?.cancel().catch(() => {}); // nobody waits for what becomes of the rest
  const read = async (): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done || !value) return joined(chunks, total);
      total += value.byteLength;
      if (total > size) {
        cancel();
        throw tooLarge(size);
      }
      chunks.push(value);
    }
  };
  return { bytes: read(), cancel };
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
