import type { OptionNames, Timestamp } from "@jobq/core";
import type { Engine } from "../engine.ts";
import type { EventStream } from "./event-stream.ts";
import type { JobEvent, ServiceEvent } from "./events.ts";

/** Which events to stream. */
export interface EventsOptions {
  /** Also the ends of jobs in other processes. */
  readonly everywhere?: boolean | undefined;
}

/** What {@link EventsOptions} there are. */
export const EVENTS_OPTIONS: OptionNames<EventsOptions> = { everywhere: true };

/** The ends that a stream has been given, with their instants. */
export type ToldEnds = Map<string, Timestamp>;

/** The events of this service and the ends that others have stored, each end once. */
export function everywhereStream(engine: Engine): EventStream {
  const told: ToldEnds = new Map();
  const calledAt = engine.monotonic.elapsed();
  let stop: (() => void) | undefined = () => {};
  const stream = engine.events.stream(
    (event) => isNew(told, event),
    () => {
      stop?.();
      stop = undefined;
    },
  );
  const looking = async (): Promise<void> => {
    const { lookForEnds } = await import("../operating/index.ts");
    if (stop) stop = lookForEnds(engine, { told, stream, calledAt });
  };
  if (engine.pollMs !== undefined) {
    looking().catch((error) => engine.report(error, "looking for ends elsewhere"));
  }
  return stream;
}

/** False for an end that was told before, by whichever way. */
function isNew(told: ToldEnds, event: ServiceEvent): boolean {
  if (event.type !== "done" && event.type !== "canceled") return true;
  const { id, resetCount, finishedAt = event.at } = event as JobEvent;
  const end = `${id} ${resetCount}`;
  if (told.has(end)) return false;
  told.set(end, finishedAt);
  return true;
}
