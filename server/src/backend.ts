import type { Clock } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { EventHub } from "./events/event-hub.ts";
import { HealthCheck } from "./metrics/health-check.ts";
import { JobCounters } from "./metrics/job-counters.ts";
import { type QueueStats, queueStats } from "./metrics/queue-stats.ts";
import { Remembered } from "./metrics/remembered.ts";
import type { Route } from "./route.ts";
import type { Settings } from "./server-options.ts";

/** How long counts hold: they may cost the store a walk. */
const STATS_HOLD_MS = 1000;

/** How long a store may take to answer before it counts as sick. */
const HEALTH_LIMIT_MS = 5000;

/** What the routes of a server stand on. */
export class Backend {
  readonly svc: JobService;
  readonly settings: Settings;
  /** The whole table. */
  readonly routes: readonly Route[];
  readonly clock: Clock;
  readonly counters: JobCounters;
  readonly events: EventHub;
  readonly stats: Remembered<QueueStats>;
  readonly health: HealthCheck;
  #isClosing = false;

  constructor(svc: JobService, settings: Settings, routes: readonly Route[]) {
    const { clock, limits, timeoutsMs, onError } = settings;
    const healthMs = Math.min(HEALTH_LIMIT_MS, timeoutsMs.request / 2);
    this.svc = svc;
    this.settings = settings;
    this.routes = routes;
    this.clock = clock;
    this.counters = new JobCounters(svc, clock);
    this.stats = new Remembered(() => queueStats(svc), clock, STATS_HOLD_MS);
    this.health = new HealthCheck(svc, clock, healthMs, (error) => onError(error, "looking after the store"));
    this.events = new EventHub({
      svc,
      clock,
      heartbeatMs: timeoutsMs.heartbeat,
      streams: limits.streams,
      kept: limits.keptEvents,
    });
  }

  /** True from the moment the server begins to close. */
  isClosing(): boolean {
    return this.#isClosing;
  }

  /** Ends the streams and stops listening to the service, which itself stays open. */
  close(): void {
    this.#isClosing = true;
    this.events.close();
    this.counters.close();
  }
}
