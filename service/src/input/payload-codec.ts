import { JobqError } from "@jobq/core";
import { checkType } from "./check.ts";
import type { Codec } from "./codec.ts";
import { messageOf } from "./error-text.ts";

/** A codec whose every failure is a typed error, and which keeps to the size limit. */
export class PayloadCodec {
  readonly #codec: Codec;
  readonly #limit: number;

  /** @param limit the most bytes an encoded payload or result may take as UTF-8 */
  constructor(codec: Codec, limit: number) {
    this.#codec = codec;
    this.#limit = limit;
  }

  /**
   * @param what names the value in the error
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  encode(value: unknown, what: "payload" | "result"): string {
    let text: string;
    try {
      text = checkType(this.#codec.encode(value), "string", "what the codec makes of it");
    } catch (cause) {
      throw invalid(what, cause);
    }
    const limit = this.#limit;
    // The exact size where it matters: a UTF-16 unit takes at most 3 bytes of UTF-8.
    const bytes = text.length * 3 > limit ? new TextEncoder().encode(text).length : 0;
    if (bytes <= limit) return text;
    throw new JobqError("PAYLOAD_TOO_LARGE", `${what} must be at most ${limit} bytes, got ${bytes}`, {
      details: { bytes, limit },
    });
  }

  /** The text of an error, as it is kept with a job. */
  encodeError(text: string): string {
    return this.#codec.errors?.encode(text) ?? text;
  }

  /** The text of an error that is kept with a job: as it is kept, where it does not decode. */
  decodeError(text: string | undefined): string | undefined {
    try {
      return text === undefined ? undefined : (this.#codec.errors?.decode(text) ?? text);
    } catch {
      return text; // what a service wrote by itself is never encoded
    }
  }

  /** @throws {JobqError} PAYLOAD_INVALID, DECRYPTION_FAILED */
  decode(text: string | undefined): unknown {
    try {
      return text === undefined ? undefined : this.#codec.decode(text);
    } catch (cause) {
      throw invalid("stored data", cause);
    }
  }
}

/** What the codec threw, as a typed error. */
function invalid(what: string, cause: unknown): JobqError {
  if (isDecryption(cause)) return cause;
  return new JobqError("PAYLOAD_INVALID", `${what}: ${messageOf(cause)}`, { cause });
}

/** True for what a process with the right key could decode. */
export function isDecryption(error: unknown): error is JobqError {
  return error instanceof JobqError && error.code === "DECRYPTION_FAILED";
}
