import { checkOptions, JobqError, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import { gcm } from "@noble/ciphers/aes.js";
import { randomBytes } from "@noble/ciphers/utils.js";
import { type Codec, checkType, jsonCodec } from "../module.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** A key of 32 bytes, or these bytes in base64 (with `+` and `/`, not in base64url). */
export type EncryptionKey = Uint8Array | string;

/** The options of `encrypted`. */
export interface EncryptionOptions {
  /** All keys with which stored data may be encrypted, by id: 1 to 32 letters, digits, `_` and `-`. */
  readonly keys: Readonly<Record<string, EncryptionKey>>;
  /** The id of the key that encrypts new data. */
  readonly current: string;
  /** Turns values into strings before they are encrypted; JSON. */
  readonly codec?: Codec | undefined;
  /** Also read stored data that is not encrypted, while a queue is switched to encryption; false. */
  readonly acceptPlain?: boolean | undefined;
  /** Makes nonces; by default the runtime's cryptographic random numbers. */
  readonly randomBytes?: ((count: number) => Uint8Array) | undefined;
}

const OPTIONS: OptionNames<EncryptionOptions> = {
  keys: true,
  current: true,
  codec: true,
  acceptPlain: true,
  randomBytes: true,
};
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** What is stored begins so, followed by the id of the key, a dot, and nonce, ciphertext and tag in base64. */
const PREFIX = "enc1.";
const ID = /^[\w-]{1,32}$/;

/**
 * Returns a codec that encrypts payloads, results, errors, records of attempts and checkpoints with AES-256-GCM. Unique
 * keys, tags, names and topics stay readable, because stores compare them.
 * @throws {TypeError | RangeError} an invalid option, or a key of the wrong length
 */
export function encrypted(options: EncryptionOptions): Codec {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { current, codec = jsonCodec, acceptPlain = false, randomBytes: nonceOf = randomBytes } = options;
  const keys = keysOf(options.keys);
  const key = keys.get(checkType(current, "string", "current"));
  if (!key)
    throw outOfRange(
      "current",
      keys.size === 0
        ? "the id of a key, of which there is none"
        : `one of the ids of keys: ${[...keys.keys()].join(", ")}`,
      current,
    );
  checkType(nonceOf, "function", "randomBytes");
  checkType(codec?.encode, "function", "codec.encode");
  checkType(codec.decode, "function", "codec.decode");
  // The runtime's own is not tried: where modules are loaded, some runtimes give no random numbers.
  if (nonceOf !== randomBytes) checkNonce(nonceOf(NONCE_BYTES));
  if (typeof acceptPlain !== "boolean") throw wrongType("acceptPlain", "a boolean", acceptPlain);
  const header = `${PREFIX}${current}.`;

  const encrypt = (text: string): string => {
    const nonce = checkNonce(nonceOf(NONCE_BYTES));
    const sealed = gcm(key, nonce, bytesOf(header)).encrypt(bytesOf(text));
    const all = new Uint8Array(NONCE_BYTES + sealed.length);
    all.set(nonce);
    all.set(sealed, NONCE_BYTES);
    return header + toBase64(all);
  };
  const decrypt = (stored: string): string => {
    if (!stored.startsWith(PREFIX)) {
      if (acceptPlain) return stored;
      throw new JobqError("DECRYPTION_FAILED", "what is stored is not encrypted; acceptPlain would take it as it is");
    }
    const end = stored.indexOf(".", PREFIX.length);
    const id = stored.slice(PREFIX.length, Math.max(end, PREFIX.length));
    const own = keys.get(id);
    const details = { key: id };
    if (!own)
      throw new JobqError("DECRYPTION_FAILED", `it is encrypted by the key ${id}, which is not among keys`, {
        details,
      });
    try {
      const all = fromBase64(stored.slice(end + 1));
      const opened = gcm(own, all.subarray(0, NONCE_BYTES), bytesOf(stored.slice(0, end + 1)));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        opened.decrypt(all.subarray(NONCE_BYTES)),
      );
    } catch (cause) {
      const message = `what is stored is damaged, or was encrypted by another key with the id ${id}`;
      throw new JobqError("DECRYPTION_FAILED", message, { cause, details });
    }
  };
  return {
    encode: (value) => encrypt(codec.encode(value)),
    decode: (text) => codec.decode(decrypt(text)),
    errors: { encode: encrypt, decode: decrypt },
  };
}

function keysOf(keys: EncryptionOptions["keys"]): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.entries(checkType(keys, "object", "keys")).map(([id, key]) => {
      if (!ID.test(id)) throw outOfRange("the id of a key", "1 to 32 letters, digits, _ and -", id);
      const bytes = typeof key === "string" ? fromBase64(key) : key;
      // A key must never be part of a message.
      if (!(bytes instanceof Uint8Array))
        throw new TypeError(`keys.${id} must be bytes or a base64 string, got ${key === null ? "null" : typeof key}`);
      if (typeof key === "string" && key !== "" && bytes.length === 0)
        throw new RangeError(`keys.${id} must be ${KEY_BYTES} bytes in base64, got a string that is not base64`);
      if (bytes.length !== KEY_BYTES)
        throw new RangeError(`keys.${id} must be ${KEY_BYTES} bytes, got ${bytes.length}`);
      return [id, Uint8Array.from(bytes)];
    }),
  );
}

/** @throws {TypeError} not as many bytes as were asked for */
function checkNonce(nonce: Uint8Array): Uint8Array {
  if (nonce instanceof Uint8Array && nonce.length === NONCE_BYTES) return nonce;
  throw wrongType("what randomBytes returns", `${NONCE_BYTES} bytes`, nonce);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
