import type { ReservedJob } from "@jobq/service";
import { anything, array, type Infer, integer, map, object, string } from "../schema/schema.ts";
import { priorityOf } from "./priorities.ts";
import { rfc3339 } from "./timestamps.ts";

/** A job that was reserved: what its worker needs, and the token that says it is the worker's. */
export const reservationSchema = object(
  {
    id: string(),
    token: integer({ min: 1 }).describe("to be sent with every call about this reservation"),
    type: string().describe("which handler runs it"),
    topic: string(),
    attempt: integer({ min: 1 }),
    max_attempts: integer({ min: 1 }),
    priority: integer({ min: 0, max: 4 }),
    weight: integer(),
    created_at: string({ format: "date-time" }),
    lease_until: string({ format: "date-time" }).describe("until when it is the worker's, unless it is extended"),
  },
  {
    payload: anything,
    tags: map(string()),
    origin: string().describe("where the job comes from"),
    correlation_id: string().describe("what it is about, across systems"),
  },
).named("Reservation");

/** Jobs that were reserved; none when there was none in time. */
export const reservationsSchema = object({ jobs: array(reservationSchema) }).named("Reservations");

/** A reserved job as it goes over the wire. */
export function reservationForm(job: ReservedJob): Infer<typeof reservationSchema> {
  const { leaseUntil = 0, tags } = job.head;
  return {
    id: job.id,
    token: job.token,
    type: job.name,
    topic: job.topic,
    payload: job.payload,
    attempt: job.attempt,
    max_attempts: job.maxRetries + 1,
    priority: priorityOf(job.weight),
    weight: job.weight,
    tags,
    origin: job.origin,
    correlation_id: job.correlationId,
    created_at: rfc3339(job.createdAt),
    lease_until: rfc3339(leaseUntil),
  };
}
