/** What a caller may name its request: nothing that could mean something in a header or a log. */
const SAFE = /^[\w.-]{1,128}$/;

/** Names requests, by what their callers call them where that is safe to repeat. */
export class RequestIds {
  /** Made at the first request: some runtimes have no random numbers before. */
  #prefix: string | undefined;
  #last = 0;

  /** The caller's `X-Request-ID`, or a new name that no other request of this server has. */
  of(request: Request): string {
    const given = request.headers.get("x-request-id");
    if (given !== null && SAFE.test(given)) return given;
    this.#prefix ??= crypto.randomUUID().slice(0, 8);
    this.#last += 1;
    return `${this.#prefix}-${this.#last}`;
  }
}
