import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose, createService, type ServiceOptions } from "@jobq/service";
import { describe, expect, test } from "vitest";

function repositories() {
  return { jobs: memoryJobs({ clock: new ManualClock() }), topics: memoryTopics() };
}

/** The port without one of its members. */
function without<Port extends object>(port: Port, member: string): Port {
  return new Proxy(port, { get: (target, key) => (key === member ? undefined : Reflect.get(target, key, target)) });
}

const JOBS = ["commit", "get", "find", "nextLeaseEndAt", "tally", "notes", "close"];
const TOPICS = ["push", "pop", "popDue", "nextDueAt", "remove", "topics", "pause", "close"];

describe("a service is not made", () => {
  test.each(JOBS)("of a job repository without %s, which the error names", (method) => {
    const { jobs, topics } = repositories();
    const make = () => createService({ jobs: without(jobs, method), topics });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`jobs.*${method}.*undefined`));
  });

  test.each(TOPICS)("of a topic repository without %s, which the error names", (method) => {
    const { jobs, topics } = repositories();
    const make = () => createService({ jobs, topics: without(topics, method) });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`topics.*${method}.*undefined`));
  });

  test.each(["now", "alarm", "sync"])("of a clock without %s, which the error names", (method) => {
    const clock = { ...new ManualClock(), now: () => 0, alarm: () => () => {}, sync: async () => {}, [method]: 5 };
    const make = () => createService({ ...repositories(), jobs: memoryJobs({ clock: clock as never }) });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`clock.*${method}.*5`));
  });

  test.each(["jobs", "topics"] as const)("of %s that do not declare their capabilities", (port) => {
    const good = repositories();
    expect(() => createService({ ...good, [port]: without(good[port], "capabilities") })).toThrow(
      /capabilities.*undefined/,
    );
  });

  test.each<[Record<string, unknown>, string, RegExp]>([
    [{ jobs: undefined }, "TypeError", /^jobs must be an object, got undefined/],
    [{ topics: null }, "TypeError", /^topics must be an object, got null/],
    [{ pollIntervall: "1s" }, "TypeError", /"pollIntervall".*"pollInterval"/],
    [{ defaults: { maxRetry: 1 } }, "TypeError", /defaults.*"maxRetry".*"maxRetries"/],
    [{ codec: { encode: String } }, "TypeError", /codec\.decode.*undefined/],
    [{ newId: "uuid" }, "TypeError", /newId.*"uuid"/],
    [{ random: 0.5 }, "TypeError", /random.*0\.5/],
    [{ maintenance: "no" }, "TypeError", /maintenance.*"no"/],
    [{ defaults: { weight: 1e9 } }, "RangeError", /weight.*1000000000/],
    [{ defaults: { timeout: "long" } }, "TypeError", /timeout.*"long"/],
    [{ payloadLimit: 0 }, "RangeError", /payloadLimit.*0/],
    [{ pollInterval: "often" }, "TypeError", /pollInterval.*"often"/],
    [{ pollInterval: 0 }, "RangeError", /pollInterval.*0/],
    [{ recoveryInterval: 0 }, "RangeError", /recoveryInterval.*0/],
    [{ topicNames: "ok" }, "TypeError", /topicNames must be an array, got "ok"/],
    [{ topicNames: ["ok", ""] }, "RangeError", /topic.*""/],
  ])("with %j", (options, name, message) => {
    const make = () => createService({ ...repositories(), ...options } as ServiceOptions);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name }));
  });

  test("of a memory repository whose option is misspelled", () => {
    expect(() => memoryJobs({ clok: new ManualClock() } as never)).toThrow(/"clok".*"clock"/);
  });

  test("of nothing", () => {
    expect(() => createService(undefined as never)).toThrow(/options.*undefined/);
    expect(() => createService(null as never)).toThrow(TypeError);
  });
});

describe("two repositories", () => {
  test("are fused when the topics can, and a pair otherwise", () => {
    const { jobs, topics } = repositories();
    const fused = { jobs, topics };
    const fusable = (answer: unknown) => Object.assign(memoryTopics(), { fuse: () => answer as never });
    expect(compose(jobs, fusable(fused))).toBe(fused);
    expect(compose(jobs, fusable(undefined))).toMatchObject({ jobs });
    expect(compose(jobs, topics)).toMatchObject({ jobs, topics });
  });

  test.each([
    ["that has no fuse", {}, /no fuse\(\)/],
    ["that does not fuse with these jobs", { fuse: () => undefined }, /another kind, wrapped/],
  ])("have to fuse when they are asked to: not with a topic repository %s", (_, fuse, message) => {
    const { jobs } = repositories();
    const topics = () => Object.assign(Object.create(repositories().topics), { fuse: undefined }, fuse);
    const asked = [
      () => compose(jobs, topics(), { fused: true }),
      () => createService({ jobs, topics: topics(), fused: true }),
    ];
    for (const make of asked) {
      expect(make).toThrow(message);
      expect(make).toThrow(TypeError);
    }
  });

  test("that fuse are composed when they have to", async () => {
    const svc = createService({ jobs: memoryJobs(), topics: memoryTopics(), fused: true });
    await svc.enqueue("topic");
    await svc.close();
    expect(() => compose(memoryJobs(), memoryTopics(), { fused: "yes" as never })).toThrow(/fused.*"yes"/);
  });
});
