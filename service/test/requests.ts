import { AsyncLocalStorage } from "node:async_hooks";
import { type Clock, type ManualClock, monotonicOf } from "@jobq/core";

/** A request as workerd knows it: what is set within it dies with it, and what rings does so within it. */
interface Request {
  over: boolean;
}

/** The clock of a runtime that ends a request's timers with the request. */
export function requestsOver(clock: ManualClock): {
  readonly clock: Clock;
  /** Begins a request that does this; `end` ends it, whatever of it is still under way. */
  readonly request: <T>(work: () => T) => { readonly answer: T; readonly end: () => void };
} {
  const current = new AsyncLocalStorage<Request>();
  const bound = (ring: () => void): (() => void) => {
    const request = current.getStore();
    return () => {
      if (!request) ring();
      else if (!request.over) current.run(request, ring);
    };
  };
  const { elapsed, after } = monotonicOf(clock);
  return {
    clock: {
      now: () => clock.now(),
      alarm: (at, ring) => clock.alarm(at, bound(ring)),
      sync: () => clock.sync(),
      monotonic: { elapsed, after: (ms, ring) => after(ms, bound(ring)) },
    },
    request: (work) => {
      const request = { over: false };
      const end = (): void => {
        request.over = true;
      };
      return { answer: current.run(request, work), end };
    },
  };
}
