import { healthSchema } from "../metrics/health-check.ts";
import { metricsSchema } from "../metrics/job-counters.ts";
import { queueStatsSchema } from "../metrics/queue-stats.ts";
import { SECURITY_HEADERS } from "../respond.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, boolean, either, map, nothing, object } from "../schema/schema.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const stats = route({
  method: "GET",
  path: "/api/v1/stats",
  operation: "stats",
  tag: "operations",
  summary: "How many jobs there are in each state",
  role: "viewer",
  replies: {
    200: {
      description: "the counts, at most a second old",
      schema: object({ queue: queueStatsSchema, workers: either(nothing, map(anything)) }).named("Stats"),
    },
  },
  run: async ({ backend }) => {
    const queue = await backend.stats.get();
    const workers = backend.settings.workers?.() ?? null;
    return reply(200, { queue: { ...queue, timestamp: rfc3339(backend.clock.now()) }, workers });
  },
});

const health = route({
  method: "GET",
  path: "/health",
  operation: "health",
  tag: "operations",
  summary: "Whether the server can do its work, and what of it cannot",
  role: undefined,
  replies: {
    200: { description: "it can", schema: healthSchema },
    503: { description: "it cannot", schema: healthSchema },
  },
  run: async ({ backend }) => {
    const body = await backend.health.health();
    return reply(body.healthy ? 200 : 503, body);
  },
});

const live = route({
  method: "GET",
  path: "/live",
  operation: "live",
  tag: "operations",
  summary: "Whether the process runs",
  role: undefined,
  replies: { 200: { description: "it does", schema: object({ alive: boolean }) } },
  run: () => reply(200, { alive: true }),
});

const readiness = object({ ready: boolean });

const ready = route({
  method: "GET",
  path: "/ready",
  operation: "ready",
  tag: "operations",
  summary: "Whether requests should be sent here",
  role: undefined,
  replies: {
    200: { description: "they should", schema: readiness },
    503: { description: "not now", schema: readiness },
  },
  run: async ({ backend }) => {
    const isReady = !backend.isClosing() && (await backend.health.health()).healthy;
    return reply(isReady ? 200 : 503, { ready: isReady });
  },
});

const TEXT_HEADERS = { ...SECURITY_HEADERS, "content-type": "text/plain; version=0.0.4; charset=utf-8" } as const;

const metrics = route({
  method: "GET",
  path: "/metrics",
  operation: "metrics",
  tag: "operations",
  summary: "Metrics, as text for Prometheus or as JSON for those who ask for it",
  role: "metrics",
  replies: { 200: { description: "the metrics; text unless JSON is asked for", schema: metricsSchema } },
  run: async ({ backend, request }) => {
    const text = backend.settings.metrics;
    if (text && !wantsJson(request.headers.get("accept"))) return new Response(await text(), { headers: TEXT_HEADERS });
    const { pending } = await backend.stats.get();
    return reply(200, backend.counters.metrics(pending));
  },
});

/** The routes for those who run the server. */
export const operationRoutes: readonly Route[] = [stats, health, live, ready, metrics];

/** True when JSON is named before any text. */
function wantsJson(accept: string | null): boolean {
  const kinds = (accept ?? "").split(",").map((kind) => kind.split(";", 1)[0]?.trim().toLowerCase());
  const json = kinds.indexOf("application/json");
  const text = kinds.findIndex((kind) => kind?.startsWith("text/") || kind?.startsWith("application/openmetrics"));
  return json >= 0 && (text < 0 || json < text);
}
