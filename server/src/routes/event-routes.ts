import { SECURITY_HEADERS } from "../respond.ts";
import { type Route, route } from "../route.ts";
import { object, oneOf, string } from "../schema/schema.ts";

const query = object(
  {},
  {
    job_id: string({ max: 255 }).describe("only events of this job; * or nothing for all"),
    topic: string({ max: 255 }).describe("only events of jobs on this topic"),
    view: oneOf("job", "record").describe("whether data is a Job, the default, or an event as the library has it"),
    last_event_id: string({ max: 64 }).describe("for those who cannot send the header Last-Event-ID"),
  },
);

const STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no", // a proxy that collected the stream would hold it back
} as const;

const events = route({
  method: "GET",
  path: "/api/v1/events",
  operation: "streamEvents",
  tag: "events",
  summary: "What happens to jobs by way of this server's service, as Server-Sent Events",
  description:
    "The first event is `connected`. With Last-Event-ID the stream goes on after that event; when some of what came " +
    "since is no longer known, an event `gap` says so. Comments are signs of life.",
  role: "viewer",
  query,
  replies: { 200: { description: "the stream", media: "text/event-stream" } },
  run: ({ backend, query, request }) => {
    const { job_id: id, topic, view = "job", last_event_id: parameter } = query;
    const lastId = request.headers.get("last-event-id") ?? parameter ?? null;
    const filter = { view, jobId: id === "*" ? undefined : id || undefined, topic: topic || undefined };
    const stream = backend.events.open(filter, lastId?.slice(0, 64) || null);
    return new Response(stream.body, { headers: STREAM_HEADERS });
  },
});

/** The route that streams events. */
export const eventRoutes: readonly Route[] = [events];
