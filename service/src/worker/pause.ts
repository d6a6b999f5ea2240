import { type Clock, Deadline } from "@jobq/core";
import { onAbort } from "../module.ts";

/** How long a topic is left alone after the store failed. */
const PAUSE_MS = 1000;

/** Resolves after a while, or as soon as the worker stops. */
export function pause(clock: Clock, signal: AbortSignal, ms = PAUSE_MS): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      undo();
      unlisten();
      resolve();
    };
    const undo = new Deadline(clock, ms).onOver(end);
    const unlisten = onAbort(signal, end);
  });
}
