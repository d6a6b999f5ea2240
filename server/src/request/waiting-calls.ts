import { Fault } from "../fault.ts";

/** The calls that wait for something: counted, and ended when their callers go or the server closes. */
export class WaitingCalls {
  readonly #most: number;
  readonly #open = new Set<AbortController>();
  #closed = false;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Runs a call with a signal that ends its wait.
   * @throws {Fault} unavailable: too many wait already
   */
  async run<T>(request: Request, call: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    if (this.#open.size >= this.#most) {
      throw new Fault("unavailable", "too many calls are waiting", { headers: { "retry-after": "1" } });
    }
    const controller = new AbortController();
    const gone = (): void => controller.abort(new Fault("unavailable", "the caller has gone"));
    request.signal.addEventListener("abort", gone);
    if (request.signal.aborted) gone();
    if (this.#closed) controller.abort(closing());
    this.#open.add(controller);
    try {
      return await call(controller.signal);
    } finally {
      this.#open.delete(controller);
      request.signal.removeEventListener("abort", gone);
    }
  }

  /** Ends every wait. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#open) controller.abort(closing());
  }
}

function closing(): Fault {
  return new Fault("unavailable", "the server is closing");
}
