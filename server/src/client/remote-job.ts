import { checkOptions, type Duration, durationMs, JobqError, type Timestamp } from "@jobq/core";
import type { RetryOptions } from "@jobq/service";
import { checkHasJson } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** A reservation as it comes over the wire. */
export interface ReservationForm {
  readonly id: string;
  readonly token: number;
  readonly type: string;
  readonly topic: string;
  readonly payload?: unknown;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly weight: number;
  readonly created_at: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly origin?: string;
  readonly correlation_id?: string;
}

/** A job that was reserved over HTTP. Use it like a reserved job of the service. */
export class RemoteJob<Payload = unknown> {
  readonly id: string;
  readonly topic: string;
  readonly name: string;
  readonly payload: Payload;
  /** 1 for the first. */
  readonly attempt: number;
  readonly maxRetries: number;
  readonly token: number;
  readonly weight: number;
  readonly createdAt: Timestamp;
  readonly tags: Readonly<Record<string, string>>;
  /** Where it comes from, as enqueued; for a dead letter, the id of the job that failed. */
  readonly origin: string | undefined;
  /** What it belongs to in other systems, as enqueued. */
  readonly correlationId: string | undefined;
  readonly #transport: Transport;
  readonly #lost = new AbortController();

  /** @internal */
  constructor(form: ReservationForm, transport: Transport) {
    this.id = form.id;
    this.topic = form.topic;
    this.name = form.type;
    this.payload = form.payload as Payload;
    this.attempt = form.attempt;
    this.maxRetries = form.max_attempts - 1;
    this.token = form.token;
    this.weight = form.weight;
    this.createdAt = Date.parse(form.created_at);
    this.tags = form.tags ?? {};
    this.origin = form.origin;
    this.correlationId = form.correlation_id;
    this.#transport = transport;
  }

  /** Aborts when a call on this job finds that the reservation is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Completes the job and stores the result. */
  async done(result?: unknown): Promise<void> {
    return this.#act("done", { result: checkHasJson(result, "result") });
  }

  /** Runs the job again after its back-off, or after `delay`; cancels it as `exhausted` if no retries are left. */
  async retry(how: RetryOptions | Error = {}): Promise<void> {
    const options: RetryOptions = how instanceof Error ? { error: how } : how;
    checkOptions(options, { error: true, delay: true });
    const { error, delay } = options;
    const text = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : error;
    return this.#act("retry", {
      error: text === undefined ? undefined : String(text).slice(0, 8192),
      delay: delay === undefined ? undefined : wireDuration(delay, "delay"),
    });
  }

  /** Cancels the job as `rejected`; it does not run again. */
  cancel(why?: string): Promise<void> {
    return this.#act("cancel", { reason: why });
  }

  /** Makes the job ready again at once; costs no attempt. */
  release(): Promise<void> {
    return this.#act("release", {});
  }

  /** Extends the lease to `lease` from now, by default the job's timeout; never shortens it. */
  extend(lease?: Duration): Promise<void> {
    return this.#act("extend", { lease: lease === undefined ? undefined : wireDuration(lease, "lease") });
  }

  /** Reports the progress, a number from 0 to 1, with a message. */
  progress(value: number, message?: string): Promise<void> {
    return this.#act("progress", { value, message });
  }

  /** Stores a log line of the job. */
  log(line: string): Promise<void> {
    return this.#act("log", { line });
  }

  async #act(action: string, body: object): Promise<void> {
    const path = `/api/v1/reservations/${encodeURIComponent(this.id)}/${action}`;
    try {
      await this.#transport.call("POST", path, { token: this.token, ...body });
    } catch (error) {
      if (error instanceof JobqError && error.code === "LEASE_LOST") this.#lost.abort(error);
      throw error;
    }
  }
}

/** A duration as it goes over the wire. */
export function wireDuration(duration: Duration, what: string): string {
  return `${durationMs(duration, what)}ms`;
}
