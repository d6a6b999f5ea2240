import { type Clock, Deadline, JobqError } from "@jobq/core";
import type { JobService, ModuleContext, ReservedJob } from "../../module.ts";
import { SCHEDULES, type ScheduleStore } from "../schedule/schedule-store.ts";
import { scheduleTurn } from "../schedule/schedule-turn.ts";
import { PullLoop } from "./pull-loop.ts";

const LIMIT = 100;
/** How long a schedule waits after a failure: of the store, and of a definition that can't be read here. */
const STORE_FAILED_MS = 5000;
const UNREADABLE_MS = 60_000;
/** How long a turn may take, which a middleware that hangs holds up: less than its lease, so that it can be put off. */
const TURN_MS = 20_000;

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
  const turn = async (): Promise<unknown> => {
    const schedule = await store.readNotes(head);
    if (schedule) return store.turn(schedule, token, scheduleTurn(name, schedule.definition, schedule.state, now), now);
    return context.commit({
      now,
      apply: [{ type: "cancel", id, token, reason: "rejected", error: "no definition" }],
    });
  };
  try {
    await inTime(context.clock, turn(), name);
  } catch (error) {
    context.report(error, `storing what the schedule ${name} owes`);
    const isUnreadable = error instanceof JobqError && error.code === "PAYLOAD_INVALID";
    const failedAt = context.clock.now();
    const at = failedAt + (isUnreadable ? UNREADABLE_MS : STORE_FAILED_MS);
    await context.commit({ now: failedAt, apply: [{ type: "suspend", id, token, at, awaits: "" }] });
  }
}

/** @throws {JobqError} TIMEOUT, after which the turn can store nothing any more once the schedule has been put off */
async function inTime(clock: Clock, turn: Promise<unknown>, name: string): Promise<void> {
  let unset = (): void => {};
  const late = new Promise<never>((_, reject) => {
    const text = `the schedule ${name} is put off: what it owes is not stored after ${TURN_MS} ms, in which its middleware may hang`;
    unset = new Deadline(clock, TURN_MS).onOver(() => reject(new JobqError("TIMEOUT", text)));
  });
  try {
    await Promise.race([turn, late]);
  } finally {
    unset();
  }
}
