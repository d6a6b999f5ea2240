import type { Layout } from "./layout.ts";

/** The name of the lock that lets one process at a time do it. */
export function lockName({ schema, prefix }: Layout): string {
  return `'${`jobq ${schema ?? ""} ${prefix}`.replace(/[^\w ]/g, "_").slice(0, 60)}'`;
}
