import { type Clock, type MonotonicClock, monotonicOf } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { contextOf, type ModuleContext, type Report } from "@jobq/service/module";
import { EventHub } from "./events/event-hub.ts";
import { Activity } from "./metrics/activity.ts";
import { HealthCheck } from "./metrics/health-check.ts";
import { JobCounters } from "./metrics/job-counters.ts";
import { type QueueStats, queueStats } from "./metrics/queue-stats.ts";
import type { Route } from "./route.ts";
import type { Settings } from "./server-options.ts";
import { Remembered } from "./time/remembered.ts";

/** How long counts hold at least. */
const STATS_HOLD_MS = 1000;

/** How long a store may take to answer before it counts as sick. */
const HEALTH_LIMIT_MS = 5000;

/** What the routes of a server stand on. */
export class Backend {
  readonly svc: JobService;
  /** What the service offers to modules: the server is one. */
  readonly context: ModuleContext;
  readonly settings: Settings;
  /** The whole table. */
  readonly routes: readonly Route[];
  /** The time of the store. */
  readonly clock: Clock;
  readonly monotonic: MonotonicClock;
  /** Makes a failure that callers are not told of an `error` event of the service. */
  readonly report: Report;
  readonly counters: JobCounters;
  readonly activity: Activity;
  readonly events: EventHub;
  readonly stats: Remembered<QueueStats>;
  readonly health: HealthCheck;
  #isClosing = false;

  constructor(svc: JobService, settings: Settings, routes: readonly Route[]) {
    const { limits, timeoutsMs } = settings;
    const context = contextOf(svc);
    const { clock, report } = context;
    const monotonic = monotonicOf(clock);
    this.svc = svc;
    this.context = context;
    this.settings = settings;
    this.routes = routes;
    this.clock = clock;
    this.monotonic = monotonic;
    this.report = report;
    this.counters = new JobCounters(svc, clock);
    this.activity = new Activity(svc, clock);
    this.stats = new Remembered(() => queueStats(svc), monotonic, STATS_HOLD_MS);
    this.health = new HealthCheck({
      svc,
      clock,
      limitMs: Math.min(HEALTH_LIMIT_MS, timeoutsMs.request / 2),
      failed: (error) => report(error, "looking after the store"),
    });
    this.events = new EventHub({
      svc,
      clock: monotonic,
      report,
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
    this.activity.close();
  }
}
