import { resolve } from "node:path";
import { wrongType } from "@jobq/core";
import { UsageError } from "../failure.ts";
import { checkParameters, OWN_PARAMETERS } from "./driver-parameters.ts";

/** The address of a store, as `--store` takes it. */
export type StoreAddress = { readonly kind: "memory" } | { readonly kind: "level"; readonly path: string } | SqlAddress;

/** The address of a store in a SQL database. */
export interface SqlAddress {
  readonly kind: "sqlite" | "postgres" | "mysql";
  /** What the driver gets: a file, or the address without the parameters of jobq. */
  readonly source: string;
  readonly schema: string | undefined;
  readonly prefix: string | undefined;
}

const FORMS = "memory, level://PATH, sqlite://FILE, postgres://… or mysql://…";
const KIND_OF: Readonly<Record<string, "memory" | "level" | SqlAddress["kind"]>> = {
  memory: "memory",
  level: "level",
  sqlite: "sqlite",
  postgres: "postgres",
  postgresql: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
};

/**
 * Parses the address of a store. SQL stores take two parameters of jobq, `schema` and `prefix`.
 * @throws {TypeError} an address of no known form, or a misspelled parameter; the message does not repeat the password
 */
export function storeAddress(text: string): StoreAddress {
  if (typeof text !== "string") throw wrongType("a store", FORMS, text);
  const [, scheme = "", rest] = /^([a-z]+)(?::(?:\/\/)?(.*))?$/s.exec(text) ?? [];
  const kind = Object.hasOwn(KIND_OF, scheme) ? KIND_OF[scheme] : undefined;
  if (kind === undefined || (kind !== "memory" && !rest)) {
    throw new UsageError(`a store must be ${FORMS}, got "${withoutPassword(text)}"`);
  }
  if (kind === "memory" || kind === "level") {
    const at = rest?.indexOf("?") ?? -1;
    if (at >= 0) throw new UsageError(`a ${kind} store takes no parameters, got "${rest?.slice(at)}"`);
    return kind === "memory" ? { kind } : { kind, path: rest as string };
  }
  const { source, own } = parted(kind, kind === "sqlite" ? (rest as string) : text);
  const uri = kind === "mysql" ? source.replace(/^mariadb:/, "mysql:") : source;
  return { kind, source: uri, schema: own.get("schema") ?? undefined, prefix: own.get("prefix") ?? undefined };
}

/** What two addresses of the same store have in common, however they are written. */
export function storeIdentity(text: string, cwd: string): string {
  const address = storeAddress(text);
  if (address.kind === "memory") return address.kind;
  if (address.kind === "level") return JSON.stringify(["level", resolve(cwd, address.path)]);
  const { kind, source, schema, prefix = "jobq_" } = address;
  const place = kind === "sqlite" ? resolve(cwd, source) : source.replace(/^\w+:/, "");
  return JSON.stringify([kind, place, schema, prefix]);
}

/** The address as it may be shown. */
export function withoutPassword(text: string): string {
  return text.replace(/^(\w+:\/\/[^:@/]*):.*@/s, "$1:…@").replace(/([?&]password=)[^&]*/gi, "$1…");
}

/** Takes what is said to jobq out of the parameters of an address, which are checked. */
function parted(kind: SqlAddress["kind"], text: string): { source: string; own: URLSearchParams } {
  const at = text.indexOf("?");
  if (at < 0) return { source: text, own: new URLSearchParams() };
  const own = new URLSearchParams();
  const others = new URLSearchParams(text.slice(at + 1));
  checkParameters(kind, others.keys());
  for (const name of OWN_PARAMETERS) {
    const value = others.get(name);
    if (value !== null) own.set(name, value);
    others.delete(name);
  }
  const left = others.toString();
  return { source: text.slice(0, at) + (left && `?${left}`), own };
}
