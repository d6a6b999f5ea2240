import { checkTimezone, checkWhen, cron, daily, every, nextInstant, type Weekday, weekly } from "@jobq/service/cron";
import { describe, expect, it, test } from "vitest";
import { instantsOf } from "../../src/cron/when/instants.ts";

const at = (text: string): number => Date.parse(text);
const next = (when: Parameters<typeof nextInstant>[0], after: string, zone?: string): string | undefined => {
  const instant = nextInstant(when, at(after), zone);
  return instant === undefined ? undefined : new Date(instant).toISOString();
};

describe("every", () => {
  it("is due at whole multiples of the interval, counted from the epoch", () => {
    expect(next(every("15m"), "2026-01-01T10:07:00Z")).toBe("2026-01-01T10:15:00.000Z");
    expect(next(every("1d"), "2026-01-01T10:07:00Z", "America/New_York")).toBe("2026-01-02T00:00:00.000Z");
    expect(next(every(1), "2026-01-01T10:07:00Z")).toBe("2026-01-01T10:07:00.001Z");
  });

  it("is due first at the instant that it counts from", () => {
    const when = every("1h", { from: new Date("2026-01-01T10:20:00Z") });
    expect(next(when, "2020-01-01T00:00:00Z")).toBe("2026-01-01T10:20:00.000Z");
    expect(next(when, "2026-01-01T10:20:00Z")).toBe("2026-01-01T11:20:00.000Z");
  });

  it("goes on through daylight saving as if nothing were", () => {
    expect(next(every("30m"), "2026-03-08T06:30:00Z", "America/New_York")).toBe("2026-03-08T07:00:00.000Z");
  });
});

describe("daily and weekly", () => {
  it("are due at that time of the zone", () => {
    expect(next(daily("09:00"), "2026-01-01T09:00:00Z")).toBe("2026-01-02T09:00:00.000Z");
    expect(next(daily("9:00:30"), "2026-01-01T08:00:00Z", "Europe/Berlin")).toBe("2026-01-01T08:00:30.000Z");
    expect(next(weekly("monday", "09:00"), "2026-01-01T00:00:00Z")).toBe("2026-01-05T09:00:00.000Z");
    expect(next(weekly("sunday", "00:00"), "2026-01-01T00:00:00Z", "Asia/Tokyo")).toBe("2026-01-03T15:00:00.000Z");
  });
});

describe("cron", () => {
  it.each([
    ["*/10 * * * *", "2026-01-01T00:10:00.000Z"],
    ["*/10 * * * * *", "2026-01-01T00:00:10.000Z"],
    ["0 9 * JAN,JUL MON-FRI", "2026-01-01T09:00:00.000Z"],
    ["0 0 L * *", "2026-01-31T00:00:00.000Z"],
    ["0 18 * * FRI#L", "2026-01-30T18:00:00.000Z"],
    ["0 9 * * MON#2", "2026-01-12T09:00:00.000Z"],
    ["0 9 15W FEB *", "2026-02-16T09:00:00.000Z"],
    ["0 0 13 * FRI", "2026-01-02T00:00:00.000Z"],
    ["0 0 13 * +FRI", "2026-02-13T00:00:00.000Z"],
    ["0 0 29 2 *", "2028-02-29T00:00:00.000Z"],
    ["@hourly", "2026-01-01T01:00:00.000Z"],
    ["@daily", "2026-01-02T00:00:00.000Z"],
    ["@weekly", "2026-01-04T00:00:00.000Z"],
    ["@monthly", "2026-02-01T00:00:00.000Z"],
    ["@yearly", "2027-01-01T00:00:00.000Z"],
  ])("%s is due after new year at %s", (expression, expected) => {
    expect(next(cron(expression), "2026-01-01T00:00:00Z")).toBe(expected);
  });

  it("is the same expression whatever space is around its fields", () => {
    expect(cron("  0  9 *\t* 1 ")).toEqual(cron("0 9 * * 1"));
  });
});

test("an instant is due after all that is before it, and not after itself", () => {
  const times = ["2026-01-01T08:59:59.999Z", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00.001Z"];
  const days = times.map((time) => next(daily("09:00"), time)?.slice(0, 10));
  expect(days).toEqual(["2026-01-01", "2026-01-02", "2026-01-02"]);
});

test("what is due survives JSON, and equal data says the same", () => {
  for (const when of [every("15m"), daily("09:00:30"), weekly("friday", "16:30"), cron("@hourly")]) {
    const copy: unknown = JSON.parse(JSON.stringify(when));
    expect(copy).toEqual(when);
    expect(checkWhen(copy)).toEqual(when);
    expect(nextInstant(checkWhen(copy), 0)).toBe(nextInstant(when, 0));
  }
  expect(JSON.stringify(daily("9:00"))).toBe(JSON.stringify(daily("09:00:00")));
});

test("the latest instants are those that come next to each other, latest first", () => {
  const zones = ["UTC", "America/New_York", "Australia/Lord_Howe"];
  const whens = [every("7h"), daily("01:45"), weekly("sunday", "02:30"), cron("*/20 1-3 * * *"), cron("30 1,2 * * *")];
  for (const zone of zones) {
    for (const when of whens) {
      const instants = instantsOf(when, zone);
      const row: number[] = [];
      for (let next = instants.next(at("2026-03-01T00:00Z")); next && row.length < 500; next = instants.next(next))
        row.push(next);
      for (let index = 3; index < row.length - 1; index += 7) {
        const latest = row.slice(index - 3, index + 1).reverse();
        expect(instants.latest(row[index] as number, 4)).toEqual(latest);
        expect(instants.latest((row[index + 1] as number) - 1, 4)).toEqual(latest);
      }
    }
  }
  expect(instantsOf(every("1h", { from: at("2026-01-01T10:20Z") }), "UTC").latest(at("2026-01-01T11:30Z"), 9)).toEqual([
    at("2026-01-01T11:20Z"),
    at("2026-01-01T10:20Z"),
  ]);
});

describe("bad input", () => {
  const any = (value: unknown): never => value as never;

  it.each<[string, () => unknown]>([
    ["an interval that is no duration", () => every(any("15 minutes"))],
    ["options that are no object", () => every("1h", any("from"))],
    ["an unknown option", () => every("1h", any({ form: 0 }))],
    ["from that is no instant", () => every("1h", { from: any("2026") })],
    ["a time that is no string", () => daily(any(900))],
    ["a day that is no string", () => weekly(any(1), "09:00")],
    ["an expression that is no string", () => cron(any(5))],
    ["when that is no object", () => checkWhen("daily")],
    ["when that is nothing", () => checkWhen(null)],
    ["data without a time", () => checkWhen({ type: "daily" })],
    ["a zone that is no string", () => checkTimezone(any(2))],
    ["an instant that is no number", () => nextInstant(daily("09:00"), any("now"))],
  ])("%s is a TypeError", (_, run) => {
    expect(run).toThrow(TypeError);
  });

  it.each<[string, () => unknown]>([
    ["no interval", () => every(0)],
    ["a negative interval", () => every("-1h")],
    ["from that is an invalid date", () => every("1h", { from: new Date("x") })],
    ["from between two milliseconds", () => every("1h", { from: 0.5 })],
    ...["24:00", "9", "09:60", "09:00:60", "9am", ""].map((time): [string, () => unknown] => [
      `the time "${time}"`,
      () => daily(time),
    ]),
    ["a day in another language", () => weekly("Montag" as Weekday, "09:00")],
    ...[
      "",
      "* * * *",
      "* * * * * * *",
      "61 * * * *",
      "x * * * *",
      "5/5 * * * *",
      "0 9 * * FUN",
      "@reboot",
      "@fortnightly",
    ].map((expression): [string, () => unknown] => [`the expression "${expression}"`, () => cron(expression)]),
    ["a date as an expression", () => cron("2030-01-23T00:00:00")],
    ["a day that no month has", () => cron("0 0 30 2 *")],
    ["an expression without end", () => cron(`${"0,".repeat(200)}0 * * * *`)],
    ["data of an unknown type", () => checkWhen({ type: "monthly" })],
    ...["", "Mars/Olympus", "+02:00", "local", "UTC+2"].map((zone): [string, () => unknown] => [
      `the zone "${zone}"`,
      () => checkTimezone(zone),
    ]),
    ["an instant that is none", () => nextInstant(daily("09:00"), Number.NaN)],
  ])("%s is a RangeError", (_, run) => {
    expect(run).toThrow(RangeError);
  });
});
