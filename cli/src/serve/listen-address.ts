import { wrongType } from "@jobq/core";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `:8080`, `8080`, `0.0.0.0:8080` and `[::1]:8080`. Without a host it is this machine only: to be reached by
 * others is something that one has to say.
 * @throws {TypeError} none of these
 */
export function listenAddress(text: string, what: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]*)):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw wrongType(what, "an address such as :8080, 0.0.0.0:8080 or [::1]:8080", text);
  }
  return { host: bracketed ?? (plain || "127.0.0.1"), port: Number(port) };
}
