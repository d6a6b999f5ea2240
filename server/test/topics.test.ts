import { describe, expect, test } from "vitest";
import { rig } from "./rig.ts";

describe("topics", () => {
  test("are listed by name, with their depth", async () => {
    const { svc, call } = rig();
    await svc.enqueue("b");
    await svc.enqueue("a");
    await svc.enqueue("a", 1, { delay: "1h" });
    expect((await call("GET", "/api/v1/topics")).body).toEqual({
      topics: [
        { topic: "a", ready: 1, delayed: 1, paused: false },
        { topic: "b", ready: 1, delayed: 0, paused: false },
      ],
    });
  });

  test("are counted by state", async () => {
    const { svc, call } = rig();
    await svc.enqueue("a");
    await svc.enqueue("a");
    await svc.reserve("a");
    const { body } = await call("GET", "/api/v1/tally");
    expect(body.tally).toHaveLength(2);
    expect(body.tally).toEqual(
      expect.arrayContaining([
        { topic: "a", state: "ready", count: 1 },
        { topic: "a", state: "reserved", count: 1 },
      ]),
    );
  });

  test("are paused and resumed, whatever characters their names have", async () => {
    for (const topic of ["mail", "a/b?c=d#é", "%2e"]) {
      const { svc, call } = rig();
      await svc.enqueue(topic);
      const path = `/api/v1/topics/${encodeURIComponent(topic)}`;
      expect((await call("POST", `${path}/pause`)).body).toEqual({ topic, paused: true });
      expect(await svc.reserve(topic)).toEqual([]);
      expect((await call("POST", `${path}/resume`)).body).toEqual({ topic, paused: false });
      expect(await svc.reserve(topic)).toHaveLength(1);
    }
  });
});
