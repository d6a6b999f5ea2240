import { createBundles } from "@jobq/service/bundle";
import { describe, expect, test } from "vitest";
import { pass, type Rig, rig, settled } from "../harness.ts";

const DAY = 86_400_000;
const keep = { done: "7d", canceled: "30d" } as const;

/** One that is done and one that is canceled. */
async function ended({ svc }: Rig): Promise<void> {
  await svc.enqueue("topic", 1);
  for (const job of await svc.reserve("topic")) await job.done();
  await svc.cancel(await svc.enqueue("topic", 2));
}

/** Lets days pass, an hour at a time, since that is how often it looks. */
async function days({ clock }: Rig, count: number): Promise<void> {
  for (let hour = 0; hour < count * 24; hour++) await pass(clock, DAY / 24);
  for (let turn = 0; turn < 10; turn++) await settled();
}

async function states({ svc }: Rig): Promise<string[]> {
  return (await svc.find({ limit: 10_000 })).map(({ state }) => state);
}

/** Until what was loaded for it has been. */
async function kept(options: object): Promise<Rig> {
  const one = await rig(options);
  await import("../../src/operating/index.ts");
  for (let turn = 0; turn < 10; turn++) await settled();
  return one;
}

describe("keep", () => {
  test("forgets what ended so long ago, each state after its time, and nothing that is live", async () => {
    const one = await kept({ keep });
    await ended(one);
    await one.svc.enqueue("topic", 3);
    await days(one, 6);
    expect(await states(one)).toEqual(["done", "canceled", "ready"]);
    await days(one, 2);
    expect(await states(one)).toEqual(["canceled", "ready"]);
    await days(one, 24);
    expect(await states(one)).toEqual(["ready"]);
  });

  test("forgets nothing unless it is asked to", async () => {
    const one = await kept({ keep: { canceled: "1d" } });
    const other = await kept({});
    for (const each of [one, other]) await ended(each);
    await days(one, 40);
    await days(other, 40);
    expect([await states(one), await states(other)]).toEqual([["done"], ["done", "canceled"]]);
  });

  test.each(["a-", "0-", "~"])("forgets jobs whose ids are the user's own, such as %s1", async (prefix) => {
    let count = 0;
    const one = await kept({ keep: { done: "1d" }, newId: () => `${prefix}${String(++count).padStart(9, "0")}` });
    await ended(one);
    await days(one, 2);
    expect(await states(one)).toEqual(["canceled"]);
  });

  test("leaves the members of a bundle until that has ended", async () => {
    const one = await kept({ keep: { done: "1d" } });
    const requests = [1, 2].map((payload) => ({ topic: "topic", payload }));
    const bundles = createBundles(one.svc);
    const { id } = await bundles.enqueue("images", requests);
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    await days(one, 3);
    expect(await bundles.get(id)).toMatchObject({ total: 2, done: 1 });
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    await days(one, 3);
    expect(await states(one)).toEqual([]);
  });

  test("goes on after a failure, which is an error event, and takes more than a page", async () => {
    const one = await kept({ keep: { canceled: "1d" } });
    for (let n = 0; n < 1500; n++) await one.svc.cancel(await one.svc.enqueue("topic", n));
    one.wire.fail("jobs.find", { times: 20 });
    await days(one, 2);
    expect(one.errors.length).toBeGreaterThan(0);
    one.wire.mend();
    await days(one, 1);
    expect(await states(one)).toEqual([]);
    await one.svc.close();
  });

  test.each([[{ done: "soon" }], [{ ended: "1d" }], [1]])("is refused when it is %j", async (wrong) => {
    await expect(rig({ keep: wrong as never })).rejects.toSatisfy(
      (error) => error instanceof TypeError || error instanceof RangeError,
    );
  });
});

describe("purge", () => {
  test("only counts where it is a dry run", async () => {
    const one = await rig();
    await ended(one);
    expect(await one.svc.purge({ state: "done", dryRun: true })).toBe(1);
    expect(await states(one)).toHaveLength(2);
    expect(await one.svc.purge({ state: "done" })).toBe(1);
    expect(await states(one)).toEqual(["canceled"]);
  });
});
