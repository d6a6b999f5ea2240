import { jobData } from "@jobq/service/module";
import { tracing } from "@jobq/service/otel";
import { createWorker, defineJob } from "@jobq/service/worker";
import { context, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rig, settled } from "./harness.ts";

const manager = new AsyncLocalStorageContextManager();
beforeAll(() => void context.setGlobalContextManager(manager.enable()));
afterAll(() => context.disable());

function exporter() {
  const spans = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  return {
    tracer: provider.getTracer("test"),
    named: (name: string) => spans.getFinishedSpans().filter((span) => span.name === name),
  };
}

test("the run of a job is in the trace in which it was enqueued, and so is what its handler enqueues", async () => {
  const one = await rig();
  const { tracer, named } = exporter();
  const child = defineJob("child", { run: () => {} });
  const parent = defineJob("parent", { topic: "parents", run: (_: unknown, ctx) => ctx.enqueue(child, 1) });
  const worker = createWorker(one.svc, { jobs: [parent, child] });
  tracing(one.svc, { tracer, workers: [worker] });
  const id = await tracer.startActiveSpan("request", async (span) => {
    const enqueued = await one.svc.enqueue(parent, 1);
    span.end();
    return enqueued;
  });
  await worker.start();
  await settled();
  await worker.stop();
  const [request, sent, ran, sentChild, ranChild] = [
    "request",
    "send parents",
    "process parents",
    "send child",
    "process child",
  ].map((name) => named(name)[0]);
  expect(sent?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  expect(ran?.parentSpanContext).toMatchObject({ spanId: sent?.spanContext().spanId, isRemote: true });
  expect(sentChild?.parentSpanContext?.spanId).toBe(ran?.spanContext().spanId);
  expect(ranChild?.parentSpanContext?.spanId).toBe(sentChild?.spanContext().spanId);
  expect(new Set([request, sent, ran, sentChild, ranChild].map((span) => span?.spanContext().traceId)).size).toBe(1);
  expect(sent).toMatchObject({
    kind: 3,
    attributes: {
      "messaging.system": "jobq",
      "messaging.operation.type": "send",
      "messaging.destination.name": "parents",
      "messaging.message.id": id,
    },
  });
  expect(ran).toMatchObject({
    kind: 4,
    attributes: { "messaging.operation.type": "process", "messaging.message.id": id, "jobq.job.attempt": 1 },
  });
});

test("a run that fails is an error of its span, and one that is tried again has a span for each attempt", async () => {
  const one = await rig();
  const { tracer, named } = exporter();
  const fails = defineJob("fails", { maxRetries: 1, backoff: { min: 0 }, run: () => Promise.reject(new Error("no")) });
  const worker = createWorker(one.svc, { jobs: [fails] });
  worker.use(tracing(one.svc, { tracer }).run);
  await one.svc.enqueue(fails, 1);
  await worker.drain();
  expect(
    named("process fails").map(({ status, attributes, events }) => [
      status,
      attributes["jobq.job.attempt"],
      events[0]?.name,
    ]),
  ).toEqual([
    [{ code: 2, message: "no" }, 1, "exception"],
    [{ code: 2, message: "no" }, 2, "exception"],
  ]);
});

test("many jobs of one call share a span; a call that is refused is its error", async () => {
  const one = await rig();
  const { tracer, named } = exporter();
  const traces = tracing(one.svc, { tracer });
  await one.svc.enqueueMany([
    { topic: "a", payload: 1 },
    { topic: "b", payload: 2, options: { origin: "x" } },
  ]);
  const [span] = named("send");
  expect(span?.attributes).toMatchObject({ "messaging.batch.message_count": 2 });
  const kept = (await one.svc.find()).map((head) => jobData(head));
  const traceparent = `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`;
  expect(kept).toEqual([{ "otel.context": { traceparent } }, { origin: "x", "otel.context": { traceparent } }]);
  await expect(one.svc.enqueue("a", 1n)).rejects.toMatchObject({ code: "PAYLOAD_INVALID" });
  await expect(one.svc.enqueueMany([null as never])).rejects.toThrow(TypeError);
  expect(named("send a").at(-1)?.status.code).toBe(2);
  traces.stop();
  await one.svc.enqueue("c", 1);
  expect(named("send c")).toEqual([]);
});

test("a tracer that throws changes no outcome, and a context that is none is passed over", async () => {
  const one = await rig();
  const broken = {
    startSpan: () => {
      throw new Error("tracer");
    },
  } as unknown as Tracer;
  const worker = createWorker(one.svc, { topics: { a: {} }, fallback: () => 7 });
  tracing(one.svc, { tracer: broken, workers: [worker] });
  const id = await one.svc.enqueue("a", 1, { data: { "otel.context": { traceparent: "x" } } });
  await worker.drain();
  expect((await one.svc.get(id))?.result).toBe(7);
  expect(one.errors).toEqual(["tracing: tracer", "tracing: tracer"]);
  const { tracer, named } = exporter();
  const other = createWorker(one.svc, { topics: { b: {} }, fallback: () => 7 });
  other.use(tracing(one.svc, { tracer }).run);
  const half = {
    startSpan: () => ({
      spanContext: () => ({}),
      end: () => {
        throw new Error("end");
      },
    }),
  } as unknown as Tracer;
  tracing(one.svc, { tracer: half });
  await one.svc.enqueue("b", 1);
  await other.drain();
  expect(named("process b")).toHaveLength(1);
});

test("what means nothing is refused", async () => {
  const { svc } = await rig();
  for (const options of [undefined, {}, { tracer: {} }, { tracer: exporter().tracer, spans: 1 }]) {
    expect(() => tracing(svc, options as never)).toThrow(TypeError);
  }
});

test("redact says what a span records of an error", async () => {
  const one = await rig();
  const { tracer, named } = exporter();
  const job = defineJob("job", { maxRetries: 0, run: () => Promise.reject(new Error("s3cret")) });
  const worker = createWorker(one.svc, { jobs: [job] });
  tracing(one.svc, { tracer, workers: [worker], redact: (error) => (error as Error).name });
  await one.svc.enqueue(job, 1);
  await worker.start();
  await settled();
  await worker.stop();
  const [span] = named("process job");
  expect(span?.status).toEqual({ code: 2, message: "Error" });
  expect(JSON.stringify(span?.events)).not.toContain("s3cret");
});
