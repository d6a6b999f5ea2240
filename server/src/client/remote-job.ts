import { type Duration, durationMs, JobqError, type Timestamp } from "@jobq/core";
import type { RetryOptions } from "@jobq/service";
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
}

/** A job that was reserved over HTTP: used as a reserved job of the service is. */
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
    this.#transport = transport;
  }

  /** Aborts when a call about the job finds that the reservation is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** The work is finished; `result` is kept with the job. */
  done(result?: unknown): Promise<void> {
    return this.#act("done", { result });
  }

  /** The attempt failed: again after the job's back-off or `delay`. */
  retry({ error, delay }: RetryOptions = {}): Promise<void> {
    const text = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : error;
    return this.#act("retry", {
      error: text === undefined ? undefined : String(text).slice(0, 8192),
      delay: delay === undefined ? undefined : wireDuration(delay, "delay"),
    });
  }

  /** Never again: canceled as `rejected`. */
  cancel(why?: string): Promise<void> {
    return this.#act("cancel", { reason: why });
  }

  /** Gives the job back, at no cost. */
  release(): Promise<void> {
    return this.#act("release", {});
  }

  /** Holds the job for `lease` from now, by default its timeout. */
  extend(lease?: Duration): Promise<void> {
    return this.#act("extend", { lease: lease === undefined ? undefined : wireDuration(lease, "lease") });
  }

  /** Reports how far the work has come, from 0 to 1. */
  progress(value: number, message?: string): Promise<void> {
    return this.#act("progress", { value, message });
  }

  /** Keeps a line with the job. */
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
