import { cron, daily, every, type When } from "@jobq/service/cron";
import { expect, test } from "vitest";
import { type DuePolicy, dueInstants, PAGE } from "../../src/cron/occurrence/due-instants.ts";
import { instantsOf } from "../../src/cron/when/instants.ts";

const at = (text: string): number => Date.parse(`2026-01-${text}Z`);
const text = (instant: number | undefined) => instant && new Date(instant).toISOString().slice(8, 16);

function due(when: When, policy: DuePolicy, handledTo: string, now: string) {
  const { instants, nextAt, ...rest } = dueInstants(instantsOf(when, "UTC"), policy, at(handledTo), at(now));
  return { instants: instants.map(text), handledTo: text(rest.handledTo), nextAt: text(nextAt) };
}

const NINE = daily("09:00");

test.each(["skip", "one", "all"] as const)("an instant that has just come gives a job, under %s", (missed) => {
  expect(due(NINE, { missed }, "05T09:00", "06T09:00:03")).toEqual({
    ...{ instants: ["06T09:00"], handledTo: "06T09:00", nextAt: "07T09:00" },
  });
});

test.each(["skip", "one", "all"] as const)("nothing is due before its instant, under %s", (missed) => {
  expect(due(NINE, { missed }, "05T09:00", "06T08:59:59.999")).toEqual({
    ...{ instants: [], handledTo: "05T09:00", nextAt: "06T09:00" },
  });
});

test("instants that passed unseen give no job under skip, one under one, their own under all", () => {
  const given = (missed: DuePolicy["missed"]) => due(NINE, { missed }, "05T09:00", "08T10:00");
  const rest = { handledTo: "08T09:00", nextAt: "09T09:00" };
  expect(given("skip")).toEqual({ instants: [], ...rest });
  expect(given("one")).toEqual({ instants: ["08T09:00"], ...rest });
  expect(given("all")).toEqual({ instants: ["06T09:00", "07T09:00", "08T09:00"], ...rest });
});

test("under skip the latest of many still gives a job while it is on time", () => {
  expect(due(every("10s"), { missed: "skip" }, "05T09:00", "08T10:00:05").instants).toEqual(["08T10:00"]);
  expect(due(NINE, { missed: "skip" }, "05T09:00", "08T09:01:00").instants).toEqual(["08T09:00"]);
  expect(due(NINE, { missed: "skip" }, "05T09:00", "08T09:01:00.001").instants).toEqual([]);
});

test("under all with most the latest are made up", () => {
  expect(due(NINE, { missed: "all", most: 2 }, "05T09:00", "08T10:00").instants).toEqual(["07T09:00", "08T09:00"]);
  expect(due(NINE, { missed: "all", most: 9 }, "05T09:00", "08T10:00").instants).toHaveLength(3);
});

test("under all with a most of more than a page the first of the latest come first", () => {
  const given = (most: number) => due(every("1m"), { missed: "all", most }, "05T09:00", "05T12:20:30").instants;
  expect([given(250)[0], given(250).at(-1)]).toEqual(["05T09:01", "05T10:40"]);
  expect([given(150)[0], given(150).at(-1)]).toEqual(["05T09:51", "05T11:30"]);
});

test("under all no more than a page is made up at once, and the rest is due at once", () => {
  const instants = instantsOf(every("1m"), "UTC");
  const [from, now] = [at("05T09:00"), at("05T13:00")];
  const made: number[] = [];
  let handledTo = from;
  for (let page = 0; page < 3; page++) {
    const turn = dueInstants(instants, { missed: "all" }, handledTo, now);
    expect(turn.instants.length).toBeLessThanOrEqual(PAGE);
    expect(turn.nextAt).toBe(turn.handledTo + 60_000);
    made.push(...turn.instants);
    handledTo = turn.handledTo;
  }
  expect(made).toEqual(Array.from({ length: 240 }, (_, index) => from + (index + 1) * 60_000));
});

test("two weeks of instants every five seconds cost no more than one of them", () => {
  expect(due(cron("*/5 * * * * *"), { missed: "one" }, "05T09:00", "19T09:00:01")).toEqual({
    ...{ instants: ["19T09:00"], handledTo: "19T09:00", nextAt: "19T09:00" },
  });
});

test("the instant at which a schedule ends still counts, and none after it", () => {
  const untilAt = at("07T09:00");
  expect(due(NINE, { missed: "all", untilAt }, "05T09:00", "08T10:00")).toEqual({
    ...{ instants: ["06T09:00", "07T09:00"], handledTo: "07T09:00", nextAt: undefined },
  });
  expect(due(NINE, { missed: "one", untilAt: untilAt - 1 }, "06T09:00", "06T10:00").nextAt).toBeUndefined();
});

test("a clock that was set back gives no instant a second time", () => {
  expect(due(NINE, { missed: "all" }, "08T09:00", "06T10:00")).toEqual({
    ...{ instants: [], handledTo: "08T09:00", nextAt: "09T09:00" },
  });
});
