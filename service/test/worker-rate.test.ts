import { createWorker, defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { NOW, pass, rig, settled } from "./harness.ts";

describe("a rate", () => {
  test("lets at most so many jobs of a topic begin in any span, and does not hold back other topics", async () => {
    const { svc, clock } = await rig();
    const begun: number[] = [];
    const mail = defineJob("mails", { run: () => void begun.push(clock.now() - NOW) });
    const other = defineJob("others", { run: () => 1 });
    const topics = { mails: { concurrency: 10, rate: { max: 3, per: "1s" } }, others: {} } as const;
    const worker = createWorker(svc, { jobs: [mail, other], topics });
    for (let n = 0; n < 8; n++) await svc.enqueue(mail, n);
    await worker.start();
    const id = await svc.enqueue(other, 1);
    for (let turn = 0; turn < 5; turn++) await settled();
    expect((await svc.status(id))?.state).toBe("done");
    for (let step = 0; step < 30; step++) await pass(clock, 100);
    expect(begun).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000]);
    await svc.enqueue(mail, 9);
    await settled();
    expect(begun).toHaveLength(9);
    await worker.stop();
  });

  test("counts what begins, not what is reserved: jobs that are prefetched do not begin all at once", async () => {
    const { svc, clock } = await rig();
    const begun: number[] = [];
    let open = (): void => {};
    const slow = new Promise<void>((resolve) => {
      open = resolve;
    });
    const mail = defineJob("mails", {
      run: (n: number) => {
        begun.push(clock.now() - NOW);
        return n === 0 ? slow : undefined;
      },
    });
    const topics = { mails: { concurrency: 1, rate: { max: 2, per: "1s" } } } as const;
    const worker = createWorker(svc, { jobs: [mail], topics, prefetch: 10 });
    for (let n = 0; n < 8; n++) await svc.enqueue(mail, n);
    await worker.start();
    await settled();
    for (let step = 0; step < 50; step++) await pass(clock, 100);
    open();
    await settled();
    for (let step = 0; step < 50; step++) await pass(clock, 100);
    expect(begun).toEqual([0, 5000, 5000, 6000, 6000, 7000, 7000, 8000]);
    await worker.stop();
  });

  test("does not keep a worker from stopping", async () => {
    const { svc } = await rig();
    const mail = defineJob("mails", { run: () => 1 });
    const worker = createWorker(svc, { jobs: [mail], topics: { mails: { rate: { max: 1, per: "1h" } } } });
    for (let n = 0; n < 2; n++) await svc.enqueue(mail, n);
    await worker.start();
    await settled();
    await worker.stop();
    expect(await svc.find({ state: "ready" })).toHaveLength(1);
  });

  test.each([[{ max: 0, per: "1s" }], [{ max: 1, per: 0 }], [{ max: 1 }], [{ max: 1, per: "1s", burst: 2 }], [5]])(
    "is refused when it is %j",
    async (rate) => {
      const { svc } = await rig();
      expect(() => createWorker(svc, { topics: { mails: { rate: rate as never } }, fallback: () => 1 })).toThrow();
    },
  );
});
