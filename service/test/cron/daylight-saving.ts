import { readFileSync } from "node:fs";
import { cron, daily, nextInstant } from "@jobq/service/cron";

/** A row of the table in docs/schedules.md. */
export interface Row {
  readonly zone: string;
  readonly clock: string;
  readonly schedule: string;
  /** As local time with its offset, without the year. */
  readonly due: readonly string[];
}

/** The table as the document has it. */
export function documentedRows(): Row[] {
  const text = readFileSync(new URL("../../../docs/schedules.md", import.meta.url), "utf8");
  const table = text.slice(text.indexOf("<!-- daylight saving")).split("\n").slice(4);
  return table.filter(Boolean).map((line) => {
    const [, zone = "", clock = "", schedule = "", due = ""] = line.split("|").map((cell) => cell.trim());
    return { zone, clock, schedule, due: due.split(", ") };
  });
}

/** The same rows with the instants as they are computed: as many in a row, from the first on. */
export function computedRows(): Row[] {
  return documentedRows().map((row) => {
    const when = whenOf(row.schedule);
    const due: string[] = [];
    let at = Date.parse(`2026-${row.due[0]}`) - 1;
    while (due.length < row.due.length) {
      at = nextInstant(when, at, row.zone) ?? Number.NaN;
      due.push(local(at, row.zone));
    }
    return { ...row, due };
  });
}

function whenOf(schedule: string) {
  const [, make, text = ""] = /^`(daily|cron)\("(.+)"\)`$/.exec(schedule) ?? [];
  return make === "daily" ? daily(text) : cron(text);
}

function local(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en", {
    ...{ timeZone, hourCycle: "h23", timeZoneName: "longOffset" },
    ...{ month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.month}-${part.day}T${part.hour}:${part.minute}${part.timeZoneName?.replace("GMT", "")}`;
}

/** Run as a program, it prints them: so that another zone can be given to a whole process. */
if (process.argv[2] === "print") console.log(JSON.stringify(computedRows()));
