import { useEffect, useState } from "preact/hooks";
import { useApp } from "./app-context.ts";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time of the store, in epoch milliseconds; whatever uses it is drawn anew every second. */
export function useNow(): number {
  const { skewMs } = useApp();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = (): void => setNow(Date.now());
    listeners.add(tick);
    timer ??= setInterval(() => {
      for (const listener of listeners) listener();
    }, 1000);
    return () => {
      listeners.delete(tick);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return now + skewMs;
}
