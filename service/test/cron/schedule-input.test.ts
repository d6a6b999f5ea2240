import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createSchedules, every } from "@jobq/service/cron";
import { describe, expect, it, test } from "vitest";
import { expectCode } from "../harness.ts";

function fresh(options = {}) {
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics(), ...options });
  return { svc, schedules: createSchedules(svc) };
}

const any = (value: unknown): never => value as never;
const run = (): void => {};

describe("bad input of set", () => {
  it.each<[string, unknown]>([
    ["no options", undefined],
    ["options that are no object", "topic"],
    ["neither job, topic nor run", {}],
    ["both a topic and a handler", { topic: "topic", run }],
    ["a job that is no definition", { job: "send-email" }],
    ["a job without a topic", { job: { name: "send-email", run } }],
    ["a handler that is no function", { run: "send-email" }],
    ["a topic that is no string", { topic: 7 }],
    ["a misspelled option", { topic: "topic", timeZone: "Europe/Berlin" }],
    ["a zone that is no string", { topic: "topic", timezone: 1 }],
    ["missed that is no string", { topic: "topic", missed: true }],
    ["most without all", { topic: "topic", most: 3 }],
    ["jitter that is no duration", { topic: "topic", jitter: "5 minutes" }],
    ["unique that is neither", { topic: "topic", unique: 7 }],
    ["until that is no instant", { topic: "topic", until: "tomorrow" }],
    ["options of its jobs that are no object", { topic: "topic", options: 3 }],
    ["tags of its jobs that are no object", { topic: "topic", options: { tags: "a" } }],
    ...["after", "at", "delay", "within", "unique"].map((name): [string, unknown] => [
      `the option ${name} of its jobs`,
      { topic: "topic", options: { [name]: {} } },
    ]),
  ])("%s is a TypeError", async (_, options) => {
    const { svc, schedules } = fresh();
    await expect(schedules.set("s", every("1h"), any(options))).rejects.toThrow(TypeError);
    expect([await schedules.list(), await svc.tally()]).toEqual([[], []]);
  });

  it.each<[string, unknown]>([
    ["an unknown zone", { topic: "topic", timezone: "Mars/Olympus" }],
    ["an offset", { topic: "topic", timezone: "+02:00" }],
    ["an unknown way to treat what was missed", { topic: "topic", missed: "some" }],
    ["most that is 0", { topic: "topic", missed: "all", most: 0 }],
    ["most that is too many", { topic: "topic", missed: "all", most: 10_001 }],
    ["negative jitter", { topic: "topic", jitter: "-1m" }],
    ["until that is an invalid date", { topic: "topic", until: new Date("x") }],
    ["an empty topic", { topic: "" }],
    ["an empty unique key", { topic: "topic", unique: "" }],
    [
      "too many tags",
      { topic: "topic", options: { tags: Object.fromEntries([...Array(31).keys()].map((n) => [n, "x"])) } },
    ],
    ["an option of its jobs out of range", { topic: "topic", options: { weight: 1e9 } }],
  ])("%s is a RangeError", async (_, options) => {
    const { svc, schedules } = fresh();
    await expect(schedules.set("s", every("1h"), any(options))).rejects.toThrow(RangeError);
    expect([await schedules.list(), await svc.tally()]).toEqual([[], []]);
  });

  it("includes the payload", async () => {
    const { schedules } = fresh({ payloadLimit: 10 });
    await expectCode(schedules.set("s", every("1h"), { topic: "topic", payload: 1n }), "PAYLOAD_INVALID");
    await expectCode(schedules.set("s", every("1h"), { topic: "topic", payload: "x".repeat(11) }), "PAYLOAD_TOO_LARGE");
    expect(await schedules.list()).toEqual([]);
  });

  it("includes when, and names", async () => {
    const { schedules } = fresh();
    await expect(schedules.set("s", any("1h"), { topic: "topic" })).rejects.toThrow(TypeError);
    await expect(schedules.set(any(7), every("1h"), { topic: "topic" })).rejects.toThrow(TypeError);
    for (const name of ["", "a\nb", "x".repeat(201)])
      await expect(schedules.set(name, every("1h"), { topic: "topic" })).rejects.toThrow(RangeError);
    await expect(schedules.get("")).rejects.toThrow(RangeError);
    await expect(schedules.trigger("")).rejects.toThrow(RangeError);
  });
});

test("a topic that the service does not have is refused, and schedules need none of their own there", async () => {
  const { schedules } = fresh({ topicNames: ["reports"] });
  await expect(schedules.set("s", every("1h"), { topic: "report" })).rejects.toThrow(RangeError);
  await schedules.set("s", every("1h"), { topic: "reports" });
  await schedules.start();
  await schedules.stop();
});

test("schedules are those of a service", () => {
  expect(() => createSchedules(any({}))).toThrow(TypeError);
});
