import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cron, daily, nextInstant } from "@jobq/service/cron";
import { describe, expect, it, test } from "vitest";
import { computedRows, documentedRows } from "./daylight-saving.ts";

const rows = documentedRows();

describe("the table of daylight saving in docs/schedules.md", () => {
  it("has four cases in each of three zones", () => {
    const cases = new Set(rows.map(({ zone, clock, schedule }) => `${zone} ${clock.split(",")[0]} ${schedule[1]}`));
    expect(cases.size).toBe(12);
    expect(new Set(rows.map(({ zone }) => zone)).size).toBe(3);
  });

  it("is what is computed", () => {
    expect(computedRows()).toEqual(rows);
  });

  it.each(["UTC", "America/New_York", "Pacific/Apia"])("is the same in a process whose TZ is %s", (zone) => {
    const program = fileURLToPath(new URL("./daylight-saving.ts", import.meta.url));
    const args = ["--import", "tsx", "--conditions=@jobq/source", program, "print"];
    const printed = execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, TZ: zone } });
    expect(JSON.parse(printed)).toEqual(rows);
  });
});

test("a fixed time of several hours is due once for each of them, whatever the clock does", () => {
  const hours = cron("30 1,2,14 * * *");
  expect(inARow(hours, "2026-03-08T05:00Z", 3)).toEqual([
    "2026-03-08T06:30Z",
    "2026-03-08T07:00Z",
    "2026-03-08T18:30Z",
  ]);
  expect(inARow(hours, "2026-11-01T04:00Z", 3)).toEqual([
    "2026-11-01T05:30Z",
    "2026-11-01T07:30Z",
    "2026-11-01T19:30Z",
  ]);
});

test("a day that begins at one o'clock has its midnight then", () => {
  const days = inARow(daily("00:00"), "2026-09-05T12:00Z", 2, "America/Santiago");
  expect(days).toEqual(["2026-09-06T04:00Z", "2026-09-07T03:00Z"]);
});

test("a year has as many days as instants of a daily time, in every zone", () => {
  for (const zone of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]) {
    for (const time of ["00:00", "00:30", "01:45", "02:15", "02:30", "23:59:59"]) {
      const year = inARow(daily(time), "2025-12-31T23:59:59.999Z", 366, zone);
      const local = new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short" });
      expect(new Set(year.map((at) => local.format(new Date(at)))).size).toBe(366);
    }
  }
});

function inARow(when: Parameters<typeof nextInstant>[0], after: string, count: number, zone = "America/New_York") {
  const instants: string[] = [];
  let at = Date.parse(after);
  while (instants.length < count) {
    at = nextInstant(when, at, zone) ?? Number.NaN;
    instants.push(new Date(at).toISOString().replace(":00.000Z", "Z"));
  }
  return instants;
}
