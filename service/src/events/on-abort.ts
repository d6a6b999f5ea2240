interface Shared {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener per signal: a signal that many calls share would be taken for a leak of listeners otherwise. */
const listening = new WeakMap<AbortSignal, Shared>();

/** Calls `callback` once when the signal aborts, unless the function that is returned is called before. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = listening.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    signal.removeEventListener("abort", listener);
    listening.delete(signal);
  };
}

function listen(signal: AbortSignal): Shared {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    listening.delete(signal);
    for (const callback of [...callbacks]) if (callbacks.delete(callback)) callback();
  };
  const shared = { callbacks, listener };
  listening.set(signal, shared);
  signal.addEventListener("abort", listener, { once: true });
  return shared;
}
