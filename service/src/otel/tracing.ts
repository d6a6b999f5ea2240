import type { JobHead } from "@jobq/core";
import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import {
  checkType,
  contextOf,
  type EnqueueCall,
  type EnqueueMiddleware,
  type JobService,
  type TopicMap,
} from "../module.ts";
import { type RunMiddleware, SUSPENDED, type Worker } from "../worker/index.ts";
import { carrierOf, contextOfJob, TRACE } from "./trace-context.ts";

/** The options of `tracing`. */
export interface TracingOptions {
  /** A tracer of the OpenTelemetry API. */
  readonly tracer: Tracer;
  /** Workers whose runs are traced. */
  readonly workers?: readonly Worker[] | undefined;
  /** Returns what a span records instead of an error, whose message may quote payloads; by default the error. */
  readonly redact?: ((error: unknown) => Error | string) | undefined;
}

/** The traces of a service, until they are stopped. */
export interface Tracing {
  /** A middleware for `worker.use`: a span around each run, in the trace in which its job was enqueued. */
  readonly run: RunMiddleware;
  /** Ends the tracing. */
  stop(): void;
}

const OPTIONS: OptionNames<TracingOptions> = { tracer: true, workers: true, redact: true };

/**
 * Creates a span for each call that stores new jobs and, in the same trace, for each run of a handler in any process:
 * the trace context is stored with the job. A failure of the tracer is an `error` event and changes no outcome.
 * @throws {TypeError} an invalid option
 */
export function tracing<Topics extends TopicMap>(service: JobService<Topics>, options: TracingOptions): Tracing {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { tracer, workers = [], redact = errorOf } = options;
  checkType(redact, "function", "redact");
  checkType(tracer?.startSpan, "function", "tracer.startSpan");
  if (!Array.isArray(workers)) throw wrongType("workers", "an array", workers);
  for (const worker of workers as readonly Worker[]) checkType(worker?.use, "function", "use of a worker");
  const { aroundEnqueue, report } = contextOf(service);
  let isStopped = false;
  /** Undefined when it throws. */
  const safely = <Value>(make: () => Value): Value | undefined => {
    try {
      return make();
    } catch (error) {
      report(error, "tracing");
      return undefined;
    }
  };
  /** Does the work once, within the span if that can be had, and ends the span as the work ends. */
  const within = async <Value>(span: Span | undefined, work: () => Promise<Value>): Promise<Value> => {
    let begun: Promise<Value> | undefined;
    const once = (): Promise<Value> => {
      begun ??= work();
      return begun;
    };
    try {
      const doing = span && safely(() => context.with(trace.setSpan(context.active(), span), once));
      return await (doing ?? once());
    } catch (error) {
      safely(() => span?.setStatus({ code: SpanStatusCode.ERROR }));
      safely(() => {
        const shown = redact(error);
        span?.recordException(shown);
        span?.setStatus({ code: SpanStatusCode.ERROR, message: shown instanceof Error ? shown.message : shown });
      });
      throw error;
    } finally {
      safely(() => span?.end());
    }
  };

  const enqueue: EnqueueMiddleware = (calls, next) => {
    const span = safely(() => tracer.startSpan(...sending(calls)));
    return within(span, async () => {
      const ids = await next(span ? (safely(() => traced(calls, span)) ?? calls) : calls);
      if (ids.length === 1) safely(() => span?.setAttribute("messaging.message.id", ids[0] as string));
      return ids;
    });
  };
  const run: RunMiddleware = (ctx, next) => {
    if (isStopped) return next();
    const span = safely(() => {
      const { head } = ctx;
      return tracer.startSpan(...processing(head), contextOfJob(head) ?? context.active());
    });
    return within(span, async () => {
      const result = await next();
      if (result === SUSPENDED) safely(() => span?.setAttribute("jobq.suspended", true));
      return result;
    });
  };
  const leave = aroundEnqueue(enqueue);
  for (const worker of workers) worker.use(run);
  return {
    run,
    stop() {
      isStopped = true;
      leave();
    },
  };
}

function errorOf(error: unknown): Error | string {
  return error instanceof Error ? error : String(error);
}

/** The calls with the context of the span, which is kept with their jobs. */
function traced(calls: readonly EnqueueCall[], span: Span): EnqueueCall[] {
  const carrier = carrierOf(span);
  return calls.map((call) => ({
    ...call,
    options: { ...call.options, data: { ...call.options?.data, [TRACE]: carrier } },
  }));
}

type SpanStart = [name: string, options: { readonly kind: SpanKind; readonly attributes: Attributes }];

/** Names and attributes are those of the semantic conventions for messaging. */
function sending(calls: readonly EnqueueCall[]): SpanStart {
  const topics = new Set(calls.map(({ topic }) => topic));
  const [topic] = topics;
  const destination = topics.size === 1 && topic !== undefined ? topic : undefined;
  return [
    destination === undefined ? "send" : `send ${destination}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        "messaging.system": "jobq",
        "messaging.operation.type": "send",
        "messaging.operation.name": "enqueue",
        ...(destination !== undefined && { "messaging.destination.name": destination }),
        ...(calls.length !== 1 && { "messaging.batch.message_count": calls.length }),
      },
    },
  ];
}

function processing({ id, topic, name, attempt }: JobHead): SpanStart {
  return [
    `process ${topic}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        "messaging.system": "jobq",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": topic,
        "messaging.message.id": id,
        "jobq.job.name": name,
        "jobq.job.attempt": attempt,
      },
    },
  ];
}
