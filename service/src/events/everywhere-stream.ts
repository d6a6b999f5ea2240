import { checkOptions, isFinal, type JobState, type OptionNames, type Timestamp } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { checkType } from "../input/check.ts";
import type { EventStream } from "./event-stream.ts";
import type { JobEvent, ServiceEvent } from "./events.ts";

/** Which events to stream. */
export interface EventsOptions {
  /**
   * Also the ends (`done` and `canceled`) of jobs in other processes and in your own transactions; false. Each end
   * comes at most once. It is missing if the job was reset or removed before the service looked, or if its transaction
   * stayed open for more than 10 seconds. It comes at once if the store notifies, otherwise within `pollInterval`, in
   * no particular order. Ends of the second before the call may be included.
   */
  readonly everywhere?: boolean | undefined;
}

const EVENTS_OPTIONS: OptionNames<EventsOptions> = { everywhere: true };

/** The ends that a stream has been given, with their instants. */
export type ToldEnds = Map<string, Timestamp>;

/**
 * The events that are asked for.
 * @throws {TypeError} an option that there is not or that means nothing
 */
export function eventsOf(engine: Engine, options: EventsOptions): EventStream {
  checkOptions(options, EVENTS_OPTIONS);
  const { everywhere = false } = options;
  checkType(everywhere, "boolean", "everywhere");
  const { pollMs } = engine;
  return everywhere && pollMs !== undefined ? everywhereStream(engine, pollMs) : engine.events.stream();
}

/** The events of this service and the ends that others have stored, each end once. */
function everywhereStream(engine: Engine, pollMs: number): EventStream {
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
  engine.load(({ lookForEnds }) => {
    if (stop) stop = lookForEnds(engine, { told, stream, calledAt }, pollMs);
  });
  return stream;
}

/** False for an end that was told before, by whichever way. */
function isNew(told: ToldEnds, event: ServiceEvent): boolean {
  if (!isFinal(event.type as JobState)) return true;
  const { id, resetCount, at } = event as JobEvent;
  const end = `${id} ${resetCount}`;
  const isFirst = !told.has(end);
  told.set(end, at);
  return isFirst;
}
