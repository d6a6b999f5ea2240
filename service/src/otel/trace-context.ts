import type { JobHead } from "@jobq/core";
import type { Context, Span } from "@opentelemetry/api";
import { createTraceState, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { jobData } from "../module.ts";

/** Under which key the trace of a job is kept in its data. */
export const TRACE = "otel.context";

/** Where a trace goes on, in the form of W3C Trace Context. */
export interface TraceCarrier {
  readonly traceparent: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** What is kept with a job that is enqueued within the span. */
export function carrierOf(span: Span): TraceCarrier {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** The context in which the job was enqueued; undefined where none is kept, or none that is one. */
export function contextOfJob(head: JobHead): Context | undefined {
  const carrier = jobData(head)[TRACE] as Partial<TraceCarrier> | undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(String(carrier?.traceparent)) ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  const traceState = typeof carrier?.tracestate === "string" ? createTraceState(carrier.tracestate) : undefined;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...{ traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true },
    ...(traceState && { traceState }),
  });
}
