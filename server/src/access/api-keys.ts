import { checkOptions, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import { differenceOf } from "./digest-difference.ts";
import { hashOfKey, keyDigest } from "./key-hash.ts";
import { checkRate, type Rate } from "./rate-limit.ts";
import { ROLES, type Role } from "./roles.ts";

/** A key that opens the API. */
export interface ApiKey {
  /** Who has it: appears in audit lines, and its rate is counted by it. */
  readonly name: string;
  readonly role: Role;
  /** The key itself, 16 to 512 characters; better give its hash. */
  readonly key?: string;
  /** The SHA-256 of the key in hexadecimal, as {@link hashKey} makes it; instead of `key`. */
  readonly hash?: string;
  /** How many requests it may make; by default what the server allows each key. */
  readonly rate?: Rate;
}

const NAMES: OptionNames<ApiKey> = { name: true, role: true, key: true, hash: true, rate: true };

/** Who makes a request. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly rate?: Rate | undefined;
}

interface Entry {
  readonly caller: Caller;
  /** Made at the first request: some runtimes cannot hash before. */
  readonly digest: () => Promise<Uint8Array>;
}

/** Finds out whose key was presented, in a time that does not depend on which keys there are. */
export class ApiKeys {
  readonly #entries: readonly Entry[];

  /** @throws {TypeError | RangeError} a key that is not as {@link ApiKey} says; a name, a key or a hash given twice */
  constructor(keys: readonly ApiKey[]) {
    const names = new Set<string>();
    const owners = new Map<string, string>();
    this.#entries = keys.map((key, index) => {
      const what = `keys[${index}]`;
      const entry = entryOf(key, what);
      if (names.has(key.name)) throw outOfRange(`${what}.name`, "given once", key.name);
      names.add(key.name);
      const secret = key.key ?? key.hash?.toLowerCase() ?? "";
      const owner = owners.get(secret);
      if (owner !== undefined) throw sameKey(`${what} (${key.name})`, owner);
      owners.set(secret, `${what} (${key.name})`);
      return entry;
    });
  }

  /**
   * Whose key it is; undefined when it is nobody's. Every key is compared, and each to its end.
   * @throws {Error} two callers have it: one by the key, one by its hash
   */
  async callerOf(presented: string): Promise<Caller | undefined> {
    const digest = await keyDigest(presented);
    let found: Caller | undefined;
    for (const entry of this.#entries) {
      const difference = differenceOf(digest, await entry.digest());
      if (difference === 0 && found) throw new Error(sameKey(entry.caller.name, found.name).message);
      found = difference === 0 ? entry.caller : found;
    }
    return found;
  }
}

/**
 * Checks keys as `createServer` does, and returns them: for programs that read them from a file, and name it.
 * @throws {TypeError | RangeError} no array, or a key that is not as {@link ApiKey} says; a name, a key or a hash given twice
 */
export function checkKeys(keys: readonly ApiKey[]): readonly ApiKey[] {
  if (!Array.isArray(keys)) throw wrongType("keys", "an array", keys);
  new ApiKeys(keys);
  return keys;
}

function sameKey(one: string, other: string): RangeError {
  return new RangeError(`${one} must not have the same key as ${other}`);
}

function entryOf(given: ApiKey, what: string): Entry {
  if (typeof given !== "object" || given === null) {
    throw wrongType(what, "an object with name, role, and key or hash", typeof given === "string" ? "a text" : given);
  }
  checkOptions(given, NAMES, what);
  const { name, role, key, hash, rate } = given;
  if (typeof name !== "string" || !/^[\x20-\x7e]{1,100}$/.test(name)) {
    throw wrongType(`${what}.name`, "1 to 100 printable ASCII characters", name);
  }
  if (!ROLES.includes(role)) throw wrongType(`${what}.role`, `one of ${ROLES.join(", ")}`, role);
  if ((key === undefined) === (hash === undefined))
    throw wrongType(what, "a key or a hash, not both", key === undefined ? "neither" : "both");
  const caller = { name, role, rate: rate === undefined ? undefined : checkRate(rate, `${what}.rate`) };
  if (hash !== undefined) {
    const digest = Promise.resolve(hashOfKey(hash, `${what}.hash`));
    return { caller, digest: () => digest };
  }
  if (typeof key !== "string" || key.length < 16 || key.length > 512) {
    // The key itself is not repeated: errors end up in logs.
    throw outOfRange(
      `${what}.key`,
      "16 to 512 characters",
      typeof key === "string" ? `${key.length} characters` : "none",
    );
  }
  let digest: Promise<Uint8Array> | undefined;
  return {
    caller,
    digest: () => {
      digest ??= keyDigest(key);
      return digest;
    },
  };
}
