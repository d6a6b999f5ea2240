import type { JobEvent, JobEventType } from "@jobq/service";
import { jobForm } from "../wire/job-form.ts";
import { wireStateOf } from "../wire/states.ts";
import { rfc3339 } from "../wire/timestamps.ts";

/** How events are written: for GopherQueue's clients, or as the library has them. */
export type EventView = "job" | "record";

const NAME_OF: Readonly<Record<JobEventType, string>> = {
  enqueued: "job.created",
  promoted: "job.due",
  unblocked: "job.unblocked",
  woken: "job.woken",
  admitted: "job.admitted",
  reserved: "job.started",
  extended: "job.progress",
  done: "job.completed",
  retried: "job.retrying",
  released: "job.released",
  suspended: "job.suspended",
  expired: "job.lease_lost",
  canceled: "job.cancelled",
  reset: "job.retried",
  removed: "job.deleted",
};

/** Every type of event that jobs have, as the library names them. */
export const EVENT_TYPES: readonly JobEventType[] = Object.keys(NAME_OF) as JobEventType[];

/** An event as lines of a stream: its id, its name, its data as JSON on one line. */
export function eventLines(event: JobEvent, id: string, view: EventView): string {
  const { type } = event;
  if (view === "record") return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
  // A canceled job says by its state whether it was called off or failed.
  const name = type === "canceled" ? `job.${wireStateOf(event)}` : NAME_OF[type];
  const data = type === "removed" ? { id: event.id } : { ...jobForm(event), updated_at: rfc3339(event.at) };
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
