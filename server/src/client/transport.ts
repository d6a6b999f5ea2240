import { checkOptions, JobqError, type JobqErrorCode, type OptionNames, wrongType } from "@jobq/core";

/** The address of the server and how to reach it. */
export interface ClientOptions {
  /** The address, such as `https://jobs.example.com` or `http://127.0.0.1:8080/queue`. */
  readonly url: string;
  /** The key, sent as `Authorization: Bearer`; none. */
  readonly key?: string | undefined;
  /** The function that makes the requests; by default the platform's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

const OPTIONS: OptionNames<ClientOptions> = { url: true, key: true, fetch: true };

interface ErrorBody {
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly jobq_code?: string;
    readonly details?: object;
  };
}

/** Sends requests to a server, and raises the errors of its responses as the library's own. */
export class Transport {
  readonly #base: string;
  readonly #key: string | undefined;
  readonly #fetch: typeof fetch;

  /** @throws {TypeError} no address of a server, or an unknown option */
  constructor(options: ClientOptions) {
    checkOptions(options, OPTIONS);
    const { url, key, fetch: send = globalThis.fetch } = options;
    if (typeof url !== "string" || !/^https?:\/\//.test(url)) throw wrongType("url", "the address of a server", url);
    if (/^\w+:\/\/[^/?#]*@/.test(url)) throw new TypeError("url must have no user and password, which fetch refuses");
    this.#base = url.replace(/\/+$/, "");
    this.#key = key;
    this.#fetch = (...given) => send(...given);
  }

  /**
   * @throws {JobqError | TypeError | RangeError} what the server says; STORE_FAILED when it cannot be reached;
   *   PAYLOAD_INVALID when the body has no JSON
   */
  async call<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.open(method, path, body, signal);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The response itself, where it is a good one. */
  async open(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const headers: Record<string, string> = { ...more };
    if (this.#key !== undefined) headers.authorization = `Bearer ${this.#key}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const text = body === undefined ? undefined : jsonOf(body);
    let response: Response;
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers,
        ...(text === undefined ? {} : { body: text }),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof JobqError) throw cause; // a `fetch` of the caller's own may say more
      throw new JobqError("STORE_FAILED", "the server cannot be reached", { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** Functions and symbols, which JSON leaves out, are refused where a payload is made of them: see {@link checkHasJson}. */
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new JobqError("PAYLOAD_INVALID", `what is sent has no JSON: ${why}`, { cause });
  }
}

async function errorOf(response: Response): Promise<Error> {
  const { error = {} } = (await response.json().catch(() => ({}))) as ErrorBody;
  const { code, message = `the server responded with status ${response.status}`, jobq_code: own, details } = error;
  if (own === "TYPE_ERROR") return new TypeError(message);
  if (own === "RANGE_ERROR") return new RangeError(message);
  const shown = { status: response.status, code, ...details };
  return new JobqError((own ?? "STORE_FAILED") as JobqErrorCode, message, { details: shown });
}
