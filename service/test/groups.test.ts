import type { JobId } from "@jobq/core";
import { memoryTopics } from "@jobq/pq-memory";
import { contextOf } from "@jobq/service/module";
import { describe, expect, test } from "vitest";
import { type Rig, rig, settled, stored } from "./harness.ts";

/** A parent that waits for the end of its group, and the members. */
async function family(one: Rig, members: number, policy: object = {}): Promise<{ parent: JobId; ids: JobId[] }> {
  const context = contextOf(one.svc);
  const now = await context.now();
  const parent = { ...context.newJob("parent", 1, undefined, now), state: "delayed", awaits: "group" } as const;
  const jobs = Array.from({ length: members }, (_, n) => ({
    ...context.newJob("topic", n, undefined, now),
    parent: parent.id,
    group: "group",
  }));
  await context.commit({ now, insert: [{ ...parent, data: JSON.stringify({ group: policy }) }, ...jobs] });
  return { parent: parent.id, ids: jobs.map(({ id }) => id) };
}

describe("a job that waits for a group", () => {
  test("is ready when no member is live any more, however they ended", async () => {
    const one = await rig();
    const { parent, ids } = await family(one, 3);
    for (const job of await one.svc.reserve("topic", 2)) await job.done();
    await settled();
    expect((await stored(one, parent)).state).toBe("delayed");
    await one.svc.cancel(ids[2] as string);
    await settled();
    expect((await stored(one, parent)).state).toBe("ready");
  });

  test("is ready at once when the group is empty, and when its last live member is removed", async () => {
    const one = await rig();
    const empty = await family(one, 0);
    await settled();
    expect((await stored(one, empty.parent)).state).toBe("ready");
    const two = await rig();
    const { parent, ids } = await family(two, 1);
    await two.svc.remove(ids[0] as string);
    await settled();
    expect((await stored(two, parent)).state).toBe("ready");
  });

  test("is done where it has nothing to run", async () => {
    const one = await rig();
    const { parent } = await family(one, 1, { thenDone: true });
    for (const job of await one.svc.reserve("topic")) await job.done();
    await settled();
    expect(await stored(one, parent)).toMatchObject({ state: "done", attempt: 1 });
  });

  test("can have the rest canceled, or be woken at once, when a member is canceled", async () => {
    const one = await rig();
    const { parent, ids } = await family(one, 3, { onCanceled: "cancel" });
    await one.svc.cancel(ids[1] as string);
    await settled();
    expect(await one.svc.find({ group: "group", live: true })).toEqual([]);
    expect((await stored(one, parent)).state).toBe("ready");
    const two = await rig();
    const family2 = await family(two, 3, { onCanceled: "wake" });
    await two.svc.cancel(family2.ids[0] as string);
    await settled();
    expect((await stored(two, family2.parent)).state).toBe("ready");
    expect(await two.svc.find({ group: "group", live: true })).toHaveLength(2);
  });

  test("is found by recovery when everybody died after the last member's end", async () => {
    const one = await rig();
    const { parent } = await family(one, 1);
    const [job] = await one.svc.reserve("topic");
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "done", id: job?.id as string, token: 1 }] }]);
    expect((await stored(one, parent)).state).toBe("delayed");
    const two = await rig({ jobs: one.jobs, topics: memoryTopics(), clock: one.clock });
    await settled();
    expect((await stored(two, parent)).state).toBe("ready");
  });
});
