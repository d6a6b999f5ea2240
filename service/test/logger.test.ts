import { logEvents } from "@jobq/service/logger";
import { pino } from "pino";
import { expect, test } from "vitest";
import { reserveOne, rig, settled } from "./harness.ts";

function lines() {
  const all: [string, Record<string, unknown>, string][] = [];
  const level = (name: string) => (fields: object, message: string) => void all.push([name, { ...fields }, message]);
  return { all, logger: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") } };
}

test("what happens to jobs is logged with fields, by how much it matters, and never with payloads", async () => {
  const { svc } = await rig();
  const { all, logger } = lines();
  const leave = logEvents(svc, logger);
  const id = await svc.enqueue("topic", { secret: "s3cret" }, { maxRetries: 1, backoff: { min: 0 } });
  await (await reserveOne(svc)).retry(new Error("no route"));
  await (await reserveOne(svc)).retry(new Error("no route"));
  await svc.cancel(await svc.enqueue("topic", 1));
  await settled();
  expect(all.map(([level, , message]) => `${level} ${message}`)).toEqual([
    "debug job enqueued",
    "debug job reserved",
    "warn job retried",
    "debug job reserved",
    "error job canceled",
    "debug job enqueued",
    "info job canceled",
  ]);
  expect(all[4]?.[1]).toMatchObject({ jobId: id, topic: "topic", attempt: 2, reason: "exhausted" });
  expect(JSON.stringify(all)).not.toContain("s3cret");
  leave();
  await svc.enqueue("topic", 1);
  expect(all).toHaveLength(7);
});

test("redact has the last word on fields, pino takes the lines, and a logger that throws changes nothing", async () => {
  const { svc, errors } = await rig();
  const written: string[] = [];
  logEvents(svc, pino({ level: "debug", base: null }, { write: (line) => written.push(line) }), {
    redact: ({ error: _, ...fields }) => fields,
  });
  const broken = (): never => {
    throw new Error("logger");
  };
  logEvents(svc, { debug: broken, info: broken, warn: broken, error: broken });
  const id = await svc.enqueue("topic", 1, { maxRetries: 0 });
  await (await reserveOne(svc)).retry(new Error("no route"));
  await settled();
  expect((await svc.status(id))?.state).toBe("canceled");
  const parsed = written.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.find(({ msg }) => msg === "job canceled")).toMatchObject({ jobId: id, reason: "exhausted", level: 50 });
  expect(written.join("")).not.toContain("no route");
  expect(errors.length).toBeGreaterThan(0);
  expect(() => logEvents(svc, {} as never)).toThrow(TypeError);
  expect(() => logEvents(svc, lines().logger, { redact: 1 } as never)).toThrow(TypeError);
});

test("a logger that rejects later is an error event, and does not end the process", async () => {
  const { svc, errors } = await rig();
  const { logger } = lines();
  const later = async () => {
    await undefined;
    throw new Error("no disk");
  };
  logEvents(svc, { ...logger, debug: later, error: later });
  await svc.enqueue("topic", 1);
  await settled();
  expect(errors).toEqual(["listening to enqueued: no disk"]);
});
