import { Fault } from "../fault.ts";
import { hostName, isLoopback } from "./loopback.ts";

/** Which pages of other origins may call the API. */
export interface CorsOptions {
  /** Origins such as `https://app.example.com`, or `"*"` for any. */
  readonly origins: readonly string[] | "*";
}

/** What decides whether a request may come from where it comes from. */
export interface OriginRules {
  /** Only requests that name this machine, or one of `hosts`, are served. */
  readonly loopbackOnly: boolean;
  readonly hosts: readonly string[];
  readonly cors: CorsOptions | undefined;
}

const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-allow-headers": "Authorization, Content-Type, X-API-Key, X-Request-ID, Last-Event-ID",
  "access-control-max-age": "86400",
} as const;

/**
 * Keeps pages of other origins, and names that only pretend to be this machine, from the API. A server on loopback asks
 * for no key, so this is all that stands between it and every page that its user has open.
 */
export class OriginGuard {
  readonly #rules: OriginRules;
  /** The latest Host that was allowed: most requests come with the same. */
  #known: string | undefined;

  constructor(rules: OriginRules) {
    this.#rules = rules;
  }

  /** @throws {Fault} forbidden */
  check(request: Request): void {
    const { headers, url } = request;
    if (this.#rules.loopbackOnly) this.#checkHost(headers.get("host"), url);
    const origin = headers.get("origin");
    if (origin === null) {
      // A browser says so even where it sends no Origin, as for a GET; other clients do not send it.
      const site = headers.get("sec-fetch-site");
      const isForeign = site === "cross-site" || site === "same-site";
      if (isForeign && headers.get("sec-fetch-mode") !== "navigate") throw foreign();
      return;
    }
    if (!this.#allows(origin) && !isSameOrigin(origin, url, headers.get("host"))) throw foreign();
  }

  /** The headers that let a page of an allowed origin read the response. */
  headersFor(request: Request): Readonly<Record<string, string>> | undefined {
    if (!this.#rules.cors) return undefined;
    const origin = request.headers.get("origin");
    if (origin === null || !this.#allows(origin)) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "Retry-After, X-Request-ID",
    };
  }

  /** The headers of the response to a preflight request of an allowed origin. */
  preflightHeaders(request: Request): Readonly<Record<string, string>> {
    return { ...PREFLIGHT_HEADERS, ...this.headersFor(request) };
  }

  #allows(origin: string): boolean {
    const origins = this.#rules.cors?.origins;
    return origins === "*" || (origins?.includes(origin) ?? false);
  }

  #checkHost(header: string | null, url: string): void {
    if (header !== null && header === this.#known && authorityOf(url) === header) return;
    const names = [hostName(authorityOf(url)), ...(header === null ? [] : [hostName(header)])];
    const isKnown = (name: string | undefined): boolean =>
      name !== undefined && (isLoopback(name) || this.#rules.hosts.includes(name.toLowerCase()));
    if (!names.every(isKnown)) {
      throw new Fault("forbidden", "without keys, requests must be to this machine by a loopback name");
    }
    this.#known = header ?? undefined;
  }
}

/** Schemes are not compared: behind a proxy that ends TLS, this server does not know its own. */
function isSameOrigin(origin: string, url: string, host: string | null): boolean {
  const from = URL.canParse(origin) ? new URL(origin).host : undefined;
  return from !== undefined && from === (host ?? authorityOf(url)).toLowerCase();
}

function authorityOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
}

function foreign(): Fault {
  return new Fault("forbidden", "requests from pages of another origin are not allowed");
}
