import { createBundles } from "@jobq/service/bundle";
import { defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { expectCode, rig, settled, stored } from "../harness.ts";
import { gate, working } from "../workflow/playing.ts";

const job = (payload: unknown = 1) => ({ topic: "topic", payload });

describe("a job that is no bundle", () => {
  test("is not canceled, sealed or added to as one", async () => {
    const one = await rig();
    const bundles = createBundles(one.svc);
    const id = await one.svc.enqueue("topic", 1);
    await expectCode(bundles.cancel(id), "JOB_NOT_FOUND");
    await expectCode(bundles.seal(id), "JOB_NOT_FOUND");
    await expectCode(bundles.add(id, [job()]), "JOB_NOT_FOUND");
    await expectCode(bundles.open("inner", { parent: id }), "JOB_NOT_FOUND");
    expect(await stored(one, id)).toMatchObject({ state: "ready" });
    expect(await one.svc.find()).toHaveLength(1);
  });

  test("takes no place in a list of the bundles in another", async () => {
    const one = await rig();
    const bundles = createBundles(one.svc);
    const inner = (bundle: string) => ({ bundle, requests: [job()] });
    const plain = Array.from({ length: 1100 }, () => job());
    const { id } = await bundles.enqueue("outer", [...plain, inner("a"), ...plain, inner("b"), inner("c")]);
    const names = async (options: object) => (await bundles.list({ parent: id, ...options })).map(({ name }) => name);
    expect(await names({ limit: 2 })).toEqual(["a", "b"]);
    expect(await names({ limit: 2, order: "newest" })).toEqual(["c", "b"]);
    expect(await names({})).toEqual(["a", "b", "c"]);
  });
});

describe("a member that waits for a bundle it is in", () => {
  test.each<[string, (outer: string) => readonly object[]]>([
    ["of the bundle itself", (outer) => [{ ...job(), options: { after: [outer] } }]],
    ["of a bundle in it", (outer) => [{ bundle: "a", requests: [{ ...job(), options: { after: [outer] } }] }]],
  ])("is refused among the members %s, and nothing is stored", async (_, requests) => {
    const one = await rig();
    const bundles = createBundles(one.svc);
    const outer = await bundles.open("outer");
    await expect(outer.add(requests(outer.id) as never)).rejects.toThrow(TypeError);
    expect(await one.svc.find()).toHaveLength(1);
  });

  test("is refused where the bundle in it was there before", async () => {
    const one = await rig();
    const bundles = createBundles(one.svc);
    const outer = await bundles.open("outer");
    const middle = await bundles.open("middle", { parent: outer.id });
    const inner = await bundles.open("inner", { parent: middle.id });
    const request = { ...job(), options: { after: [outer.id] } };
    await expect(inner.add([request])).rejects.toThrow(TypeError);
    await expect(bundles.enqueue("innermost", [request], { parent: inner.id })).rejects.toThrow(TypeError);
    expect(await one.svc.find({ topic: "topic" })).toEqual([]);
  });
});

describe("a run that is the end of a bundle", () => {
  test("hears of its own children, to which the rule of the bundle does not apply", async () => {
    const one = await rig();
    const held = gate();
    const part = defineJob("part", {
      maxRetries: 0,
      run: async (item: number) => {
        if (item === 0) throw new Error("broken");
        await held.opened;
        return item;
      },
    });
    const report = defineWorkflow("report", (ctx) => ctx.fanOut(part, [0, 1, 2], { strategy: "collectAll" }));
    await working(one, report, part);
    const bundles = createBundles(one.svc);
    const options = { onEnd: { job: report }, onMemberCanceled: "cancel" } as const;
    const { id } = await bundles.enqueue("images", [job()], options);
    for (const member of await one.svc.reserve("topic")) await member.done();
    await settled();
    await settled();
    held.open();
    await settled();
    const result = [{ ok: false }, { ok: true, result: 1 }, { ok: true, result: 2 }];
    expect(await one.svc.result(id)).toMatchObject({ state: "done", result });
  });

  test("is woken by the first of its children that fails", async () => {
    const one = await rig();
    const held = gate();
    const part = defineJob("part", {
      maxRetries: 0,
      run: (item: number) => (item === 0 ? Promise.reject(new Error("broken")) : held.opened),
    });
    const report = defineWorkflow("report", async (ctx) => ctx.fanOut(part, [0, 1]).catch(() => "one is broken"));
    await working(one, report, part);
    const { id } = await createBundles(one.svc).enqueue("images", [job()], { onEnd: { job: report } });
    for (const member of await one.svc.reserve("topic")) await member.done();
    for (let turns = 0; turns < 10; turns++) await settled();
    expect(await stored(one, id)).toMatchObject({ state: "done", result: JSON.stringify("one is broken") });
    held.open();
  });

  test("takes no signal and no rollback while the members are not done", async () => {
    const one = await rig();
    const report = defineWorkflow("report", (ctx) => ctx.waitFor("approved"));
    await working(one, report);
    const workflows = createWorkflows(one.svc);
    const { id } = await createBundles(one.svc).enqueue("images", [job()], { onEnd: { job: report } });
    await expectCode(workflows.signal(id, "approved", true), "INVALID_STATE");
    await expectCode(workflows.cancel(id), "INVALID_STATE");
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "delayed", token: 0 });
    for (const member of await one.svc.reserve("topic")) await member.done();
    await settled();
    await workflows.signal(id, "approved", true);
    expect(await one.svc.result(id)).toEqual({ state: "done", result: true });
  });
});
