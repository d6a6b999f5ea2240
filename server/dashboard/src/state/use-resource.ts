import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ApiFault } from "../api/api.ts";

/** Something that is loaded from the server, and loaded again. */
export interface Resource<T> {
  /** What was loaded last; undefined before the first time. */
  readonly data: T | undefined;
  /** Why the latest load failed. */
  readonly error: ApiFault | undefined;
  /** True while `data` is of another key, or there is none yet. */
  readonly isStale: boolean;
  /** Loads it again, at most once a second however often it is called. */
  readonly reload: () => void;
  /** Changes what is there without loading. */
  readonly patch: (change: (data: T) => T) => void;
}

interface Loaded<T> {
  readonly key: string | undefined;
  readonly data: T | undefined;
  readonly error: ApiFault | undefined;
}

/** How often it is loaded anew at most when events say that it changed. */
const SHORTEST_MS = 1000;

/**
 * Loads something when `key` changes, when `reload` is called, and every `everyMs` while the page is seen. What was there
 * stays until the new is.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  everyMs = Number.POSITIVE_INFINITY,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key: undefined, data: undefined, error: undefined });
  const [round, setRound] = useState(0);
  const latest = useRef({ load, at: 0, timer: 0 });
  latest.current.load = load;

  useEffect(() => {
    const abort = new AbortController();
    latest.current.at = performance.now();
    latest.current.load(abort.signal).then(
      (data) => !abort.signal.aborted && setLoaded({ key, data, error: undefined }),
      (error: ApiFault) => {
        if (!abort.signal.aborted) setLoaded((old) => ({ key, data: old.key === key ? old.data : undefined, error }));
      },
    );
    return () => abort.abort();
  }, [key, round]);

  const reload = useCallback(() => {
    const state = latest.current;
    if (state.timer !== 0) return;
    const pause = Math.max(0, state.at + SHORTEST_MS - performance.now());
    state.timer = window.setTimeout(() => {
      state.timer = 0;
      setRound((before) => before + 1);
    }, pause);
  }, []);

  useEffect(() => {
    if (everyMs === Number.POSITIVE_INFINITY) return;
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  useEffect(() => () => clearTimeout(latest.current.timer), []);

  const patch = useCallback((change: (data: T) => T) => {
    setLoaded((old) => (old.data === undefined ? old : { ...old, data: change(old.data) }));
  }, []);
  return { data: loaded.data, error: loaded.error, isStale: loaded.key !== key, reload, patch };
}
