import { JobqError } from "@jobq/core";
import type { JobService, ModuleContext, ReservedJob } from "../../module.ts";
import { SCHEDULES, type ScheduleStore } from "../schedule/schedule-store.ts";
import { scheduleTurn } from "../schedule/schedule-turn.ts";
import { PullLoop } from "./pull-loop.ts";

const LIMIT = 100;
/** How long a schedule waits after a failure: of the store, and of a definition that can't be read here. */
const STORE_FAILED_MS = 5000;
const UNREADABLE_MS = 60_000;

/** Reserves schedules that are due, stores what they owe, and lets go of them until their next instants. */
export function scheduleLoop(context: ModuleContext, service: JobService, store: ScheduleStore): PullLoop {
  const handle = (job: ReservedJob): Promise<void> => {
    context.letGo(job); // it is settled in a unit of its own
    return takeTurn(context, store, job);
  };
  return new PullLoop(context, service, { topic: SCHEDULES, limit: LIMIT, handle, doing: "waiting for schedules" });
}

/** A refusal needs no care: somebody has changed or removed the schedule, and thereby taken the turn. */
async function takeTurn(context: ModuleContext, store: ScheduleStore, { head, token }: ReservedJob): Promise<void> {
  const { id, name } = head;
  const now = context.clock.now();
  try {
    const schedule = await store.readNotes(head);
    if (schedule) await store.turn(schedule, token, scheduleTurn(name, schedule.definition, schedule.state, now), now);
    else
      await context.commit({ now, apply: [{ type: "cancel", id, token, reason: "rejected", error: "no definition" }] });
  } catch (error) {
    context.report(error, `storing what the schedule ${name} owes`);
    const isUnreadable = error instanceof JobqError && error.code === "PAYLOAD_INVALID";
    const at = now + (isUnreadable ? UNREADABLE_MS : STORE_FAILED_MS);
    await context.commit({ now, apply: [{ type: "suspend", id, token, at, awaits: "" }] });
  }
}
