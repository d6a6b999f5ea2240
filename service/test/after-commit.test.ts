import { expect, test } from "vitest";
import { engineOf } from "../src/engines.ts";
import { afterCommitOf } from "../src/waits/after-commit.ts";
import { heldJob, pass, rig, settled, stored } from "./harness.ts";

test("what a transaction has ended is found though others are begun all the time", async () => {
  const one = await rig();
  const held = await heldJob(one);
  const waiting = await one.svc.enqueue("topic", 2, { after: [held.id] });
  const afterCommit = afterCommitOf(engineOf(one.svc));
  await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "done", id: held.id, token: held.token }] }]);
  const ended = await stored(one, held.id);
  for (let turn = 0; turn < 3; turn += 1) {
    afterCommit.expect({ ...ended, id: turn === 0 ? ended.id : `${ended.id}-${turn}` });
    await pass(one.clock, 20);
  }
  await settled();
  expect(await stored(one, waiting)).toMatchObject({ state: "ready" });
});

test("what a transaction has ended and somebody has removed since gives its slot on", async () => {
  const one = await rig();
  const limit = { key: "key", concurrency: 1 };
  const held = await heldJob(one, 1, { limit });
  const waiting = await one.svc.enqueue("topic", 2, { limit });
  const done = { type: "done", id: held.id, token: held.token } as const;
  await one.jobs.commit([{ now: one.clock.now(), apply: [done] }]);
  const ended = await stored(one, held.id);
  await one.jobs.commit([{ now: one.clock.now(), remove: [held.id] }]);
  afterCommitOf(engineOf(one.svc)).expect(ended);
  await pass(one.clock, 25);
  await settled();
  expect(await stored(one, waiting)).toMatchObject({ state: "ready" });
});
