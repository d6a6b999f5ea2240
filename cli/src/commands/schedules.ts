import { JobqError, received } from "@jobq/core";
import type { ScheduleDetails, ScheduleInfo } from "@jobq/server/client";
import { nextInstant, type When } from "@jobq/service/cron";
import type { Command } from "commander";
import { advising } from "../failure.ts";
import { ago, rfc3339, span } from "../output/ages.ts";
import type { Cell } from "../output/table.ts";
import type { ScheduleActions } from "../queue/queue.ts";
import { type Bind, listing, type Session, subcommand, withQueue } from "../session.ts";

const ACTIONS = {
  pause: "Hold a schedule back; what would have been due meanwhile is not made up",
  resume: "Let a paused schedule go on",
  trigger: "Enqueue a job of a schedule now, and print its id",
  remove: "Forget a schedule; its jobs stay",
} as const;

const ADVICE = "`jobq schedules` lists them; they go by their names.";

type ScheduleAction = keyof typeof ACTIONS;

/** Adds `jobq schedules`. */
export function addSchedules(program: Command, bind: Bind): void {
  const summary = "List schedules; or look at one, pause, resume, trigger or remove it";
  const schedules = listing(program, "schedules", summary, bind(list));
  subcommand(schedules, "get", "Show a schedule, with the instants that come next")
    .argument("<name>", "the schedule")
    .action(bind(get));
  for (const [action, summary] of Object.entries(ACTIONS) as [ScheduleAction, string][]) {
    subcommand(schedules, action, summary)
      .argument("<name>", "the schedule")
      .action(
        bind((session, [name = ""]) => withQueue(session, ({ schedules: on }) => act(session, on, action, name))),
      );
  }
}

async function act({ printer }: Session, on: ScheduleActions, action: ScheduleAction, name: string): Promise<void> {
  const id = await advising(ADVICE, on[action](name));
  if (printer.json) return printer.value({ schedule: name, action, ...(id === undefined ? {} : { id }) });
  const done = { pause: "is paused", resume: "goes on", trigger: `gave job ${id}`, remove: "is removed" };
  await printer.line(`${name} ${done[action]}`);
}

async function list(session: Session): Promise<void> {
  const { printer } = session;
  const all = await withQueue(session, ({ schedules }) => schedules.list());
  const now = Date.now();
  if (printer.json) {
    return printer.value(all.map(scheduleValue));
  }
  if (all.length === 0) return printer.note("no schedules");
  await printer.table(
    ["name", "when", "zone", "topic", "next", "last"],
    all.map((one): Cell[] => {
      const { name, when, timezone, topic, lastAt } = one;
      return [name, whenText(when), timezone, topic, nextCell(one, now), ago(lastAt, now)];
    }),
  );
}

async function get(session: Session, [name = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  const found = await withQueue(session, ({ schedules }) => schedules.get(name));
  if (!found) {
    const details = { name, advice: ADVICE };
    throw new JobqError("JOB_NOT_FOUND", `there is no schedule ${received(name)}`, { details });
  }
  const now = Date.now();
  const upcoming = upcomingOf(found, now);
  if (printer.json) return printer.value({ ...scheduleValue(found), upcoming: upcoming.map(rfc3339) });
  const { when, timezone, topic, jobName, missed, most, jitterMs, untilAt, lastAt, payload } = found;
  const instant = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : `${rfc3339(at)} (${ago(at, now)})`;
  await printer.fields([
    ["name", name],
    ["when", `${whenText(when)}, ${timezone}`],
    ["topic", topic],
    ["type", jobName === topic ? undefined : jobName],
    ["next", nextCell(found, now)],
    ...upcoming.map((at) => ["", instant(at)] as const),
    ["last", instant(lastAt) ?? "never"],
    ["until", instant(untilAt)],
    ["missed", most === undefined ? missed : `${missed}, at most ${most}`],
    ["jitter", jitterMs ? `up to ${span(jitterMs)}` : undefined],
    ["payload", payload === undefined ? undefined : JSON.stringify(payload)],
  ]);
}

const MAX_UPCOMING = 5;

/** The instants of a schedule that goes on, from the one that it waits for. */
function upcomingOf(
  { when, timezone, nextAt, untilAt = Number.POSITIVE_INFINITY }: ScheduleDetails,
  now: number,
): number[] {
  const all: number[] = [];
  let at = nextAt;
  while (at !== undefined && at <= untilAt && all.length < MAX_UPCOMING) {
    all.push(at);
    at = nextInstant(when, Math.max(at, now), timezone);
  }
  return all;
}

/** An instant that has passed is one that nobody has dealt with. */
function nextCell({ paused, canceled, nextAt }: ScheduleInfo, now: number): Cell {
  if (canceled) return { text: "canceled", style: "red" };
  if (paused) return { text: "paused", style: "yellow" };
  if (nextAt === undefined) return "over";
  return nextAt < now - 60_000 ? { text: `overdue, ${ago(nextAt, now)}`, style: "red" } : ago(nextAt, now);
}

function whenText(when: When): string {
  if (when.type === "every") return `every ${when.everyMs / 1000} s`;
  if (when.type === "cron") return when.expression;
  return when.type === "daily" ? `daily ${when.time}` : `weekly ${when.day} ${when.time}`;
}

function scheduleValue(one: ScheduleInfo): object {
  return { ...one, untilAt: rfc3339(one.untilAt), nextAt: rfc3339(one.nextAt), lastAt: rfc3339(one.lastAt) };
}
