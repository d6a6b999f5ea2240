/** Metrics, traces and logs of a queue: what Prometheus scrapes, spans that join enqueue and run, lines with fields. */

import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { logEvents } from "@jobq/service/logger";
import { metrics } from "@jobq/service/metrics";
import { tracing } from "@jobq/service/otel";
import { createWorker, defineJob } from "@jobq/service/worker";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { pino } from "pino";
import { Registry } from "prom-client";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spans = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer("shop");

const receipt = defineJob("receipt", { topic: "mails", run: () => {} });
const order = defineJob("order", {
  topic: "orders",
  maxRetries: 1,
  backoff: { min: 1 },
  async run(_: { id: number }, { attempt, enqueue }) {
    if (attempt === 1) throw new Error("the till is locked");
    await enqueue(receipt, undefined);
  },
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const worker = createWorker(svc, { jobs: [order, receipt] });
const kept = metrics(svc, new Registry(), { workers: { shop: worker } });
tracing(svc, { tracer, workers: [worker] });
const logger = pino({ base: null, timestamp: false, level: "info" }, { write: (line) => process.stdout.write(line) });
logEvents(svc, logger, { redact: ({ topic, attempt }) => ({ topic, attempt }) });

await worker.start();
const mailed = new Promise<void>((resolve) => svc.on("done", ({ topic }) => topic === "mails" && resolve()));
await svc.enqueue(order, { id: 7 });
await mailed;
await worker.stop();

const text = await kept.text();
console.log(
  text
    .split("\n")
    .filter((line) => /^jobs_(completed|retried)_total\{/.test(line))
    .join("\n"),
);
const names = spans.getFinishedSpans().map(({ name }) => name);
const traces = new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId));
console.log(`${names.sort().join(", ")}: ${traces.size} trace`);
await svc.close();
