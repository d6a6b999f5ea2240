import { useEffect, useRef } from "preact/hooks";
import { type LiveEvent, readLiveEvents } from "../api/live-events.ts";
import { useApp } from "./app-context.ts";

/** Which events a page wants; all unless it says otherwise. */
export interface LiveFilter {
  readonly jobId?: string;
  readonly topic?: string;
}

/** Calls `onEvent` at every event of the server while the page is there and seen. */
export function useLive(onEvent: (event: LiveEvent) => void, { jobId, topic }: LiveFilter = {}): void {
  const { api, setLive } = useApp();
  const listener = useRef(onEvent);
  listener.current = onEvent;
  useEffect(() => {
    const query = new URLSearchParams({ ...(jobId ? { job_id: jobId } : {}), ...(topic ? { topic } : {}) }).toString();
    let abort: AbortController | undefined;
    const follow = (): void => {
      abort?.abort();
      abort = undefined;
      if (document.visibilityState !== "visible") return; // a page in the background costs the server nothing
      abort = new AbortController();
      const told = { onEvent: (event: LiveEvent) => listener.current(event), onStatus: setLive };
      readLiveEvents(api, query && `?${query}`, told, abort.signal).catch(() => setLive(undefined));
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      abort?.abort();
      setLive(undefined);
    };
  }, [api, jobId, topic, setLive]);
}
