import type { Command } from "commander";
import { ago, rfc3339 } from "../output/ages.ts";
import type { Cell } from "../output/table.ts";
import type { ScheduleActions } from "../queue/queue.ts";
import { type Bind, listing, type Session, subcommand, withQueue } from "../session.ts";

const ACTIONS = {
  pause: "Hold a schedule back; what would have been due meanwhile is not made up",
  resume: "Let a paused schedule go on",
  trigger: "Enqueue a job of a schedule now, and print its id",
  remove: "Forget a schedule; its jobs stay",
} as const;

type ScheduleAction = keyof typeof ACTIONS;

/** Adds `jobq schedules`. */
export function addSchedules(program: Command, bind: Bind): void {
  const summary = "List schedules; or pause, resume, trigger or remove one";
  const schedules = listing(program, "schedules", summary, bind(list));
  for (const [action, summary] of Object.entries(ACTIONS) as [ScheduleAction, string][]) {
    subcommand(schedules, action, summary)
      .argument("<name>", "the schedule")
      .action(
        bind((session, [name = ""]) => withQueue(session, ({ schedules: on }) => act(session, on, action, name))),
      );
  }
}

async function act({ printer }: Session, on: ScheduleActions, action: ScheduleAction, name: string): Promise<void> {
  const id = await on[action](name);
  if (printer.json) return printer.value({ schedule: name, action, ...(id === undefined ? {} : { id }) });
  const done = { pause: "is paused", resume: "goes on", trigger: `gave job ${id}`, remove: "is removed" };
  await printer.line(`${name} ${done[action]}`);
}

async function list(session: Session): Promise<void> {
  const { printer } = session;
  const all = await withQueue(session, ({ schedules }) => schedules.list());
  const now = Date.now();
  if (printer.json) {
    return printer.value(all.map((one) => ({ ...one, nextAt: rfc3339(one.nextAt), lastAt: rfc3339(one.lastAt) })));
  }
  if (all.length === 0) return printer.note("no schedules");
  await printer.table(
    ["name", "when", "zone", "topic", "next", "last"],
    all.map(({ name, when, timezone, topic, paused, canceled, nextAt, lastAt }): Cell[] => {
      const rest: Cell = paused ? { text: "paused", style: "yellow" } : nextCell(nextAt, now);
      const next: Cell = canceled ? { text: "canceled", style: "red" } : rest;
      return [name, whenText(when), timezone, topic, next, ago(lastAt, now)];
    }),
  );
}

/** An instant that has passed is one that nobody has dealt with. */
function nextCell(nextAt: number | undefined, now: number): Cell {
  if (nextAt === undefined) return "over";
  return nextAt < now - 60_000 ? { text: `overdue, ${ago(nextAt, now)}`, style: "red" } : ago(nextAt, now);
}

function whenText(when: Readonly<Record<string, unknown>>): string {
  const { type, ...rest } = when;
  if (type === "every") return `every ${Number(when.everyMs) / 1000} s`;
  return type === "cron" ? String(when.expression) : [type, ...Object.values(rest)].join(" ");
}
