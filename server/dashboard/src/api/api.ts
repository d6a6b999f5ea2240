/** What the server refuses, or that it cannot be reached. */
export class ApiFault extends Error {
  /** The HTTP status; 0 when there was no response. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Parameters of a query; those that are undefined or empty are left out, those that are lists are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Calls the HTTP API of the server that the page came from. */
export class Api {
  readonly #key: string | undefined;
  readonly #refused: () => void;
  /** Where the page is: the API is below it. */
  readonly #base = new URL("./api/v1/", document.baseURI);

  /** @param refused told when the server does not know the key */
  constructor(key: string | undefined, refused: () => void) {
    this.#key = key;
    this.#refused = refused;
  }

  async get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const response = await this.open(path + queryText(query), signal);
    return (await response.json()) as T;
  }

  async post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const json = JSON.stringify(body ?? {});
    const headers = { "content-type": "application/json" };
    const response = await this.#fetch(path, { method: "POST", headers, body: json, ...(signal ? { signal } : {}) });
    return (await response.json()) as T;
  }

  async delete(path: string): Promise<void> {
    await this.#fetch(path, { method: "DELETE" });
  }

  /**
   * The response to a GET, its body unread.
   * @throws {ApiFault}
   */
  open(path: string, signal?: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#fetch(path, { headers: { ...headers }, ...(signal ? { signal } : {}) });
  }

  async #fetch(path: string, init: RequestInit & { readonly headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...(this.#key ? { authorization: `Bearer ${this.#key}` } : {}) };
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#base), { ...init, headers, credentials: "same-origin" });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiFault(0, "unreachable", "The server cannot be reached.");
    }
    if (response.ok) return response;
    if (response.status === 401) this.#refused();
    throw await faultOf(response);
  }
}

/** A path with each part of it encoded. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join("/");
}

function queryText(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) if (one !== undefined && one !== "") search.append(name, String(one));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

async function faultOf(response: Response): Promise<ApiFault> {
  const body: unknown = await response.json().catch(() => undefined);
  const { code, message } = (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
  return new ApiFault(
    response.status,
    code ?? "unknown",
    message ?? `The server replied with status ${response.status}.`,
  );
}
