import { wrongType } from "@jobq/core";

const HEX_SHA_256 = /^[0-9a-f]{64}$/i;

/** The SHA-256 of a key in hexadecimal: what to keep in a configuration instead of the key. */
export async function hashKey(key: string): Promise<string> {
  if (typeof key !== "string") throw wrongType("key", "a string", key);
  return [...(await keyDigest(key))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A new key of 256 random bits, made of letters, digits, `-` and `_`. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** The SHA-256 of a key. */
export async function keyDigest(key: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
}

/**
 * The bytes of a hash in hexadecimal.
 * @throws {TypeError} no SHA-256 in hexadecimal
 */
export function hashOfKey(hash: string, what: string): Uint8Array {
  if (typeof hash !== "string" || !HEX_SHA_256.test(hash))
    throw wrongType(
      what,
      "64 hexadecimal digits",
      typeof hash === "string" ? `${hash.length} characters` : typeof hash,
    );
  return Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
