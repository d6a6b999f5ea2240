import { checkOptions, type JobHead, type OptionNames } from "@jobq/core";
import { checkType, contextOf, type JobService, type TopicMap } from "../module.ts";

/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What lines go to: pino, bunyan, `console`, or anything else with these methods. */
export type FieldLogger = { readonly [Level in LogLevel]: (fields: object, message: string) => unknown };

/** What is logged. */
export interface LogOptions {
  /** The fields of a line before it goes out: leave out or replace what is not to be in logs. */
  readonly redact?: ((fields: Readonly<Record<string, unknown>>) => object) | undefined;
}

const OPTIONS: OptionNames<LogOptions> = { redact: true };
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const LEVEL_OF = {
  enqueued: "debug",
  reserved: "debug",
  released: "debug",
  suspended: "debug",
  done: "info",
  canceled: "error",
  retried: "warn",
  expired: "warn",
  reset: "info",
  removed: "info",
} as const satisfies Record<string, LogLevel>;

/**
 * Logs what happens to jobs by way of a service, and its `error` events, until what is returned is called. Payloads and
 * results are never part of a line. A logger that throws, or rejects later, changes no outcome and is an `error` event.
 * @throws {TypeError} a logger without these methods, options that mean nothing
 */
export function logEvents<Topics extends TopicMap>(
  service: JobService<Topics>,
  logger: FieldLogger,
  options: LogOptions = {},
): () => void {
  for (const level of LEVELS) checkType(logger?.[level], "function", `logger.${level}`);
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { redact = (fields) => fields } = options;
  checkType(redact, "function", "redact");
  contextOf(service); // it is one
  const all = (Object.keys(LEVEL_OF) as (keyof typeof LEVEL_OF)[]).map((type) =>
    service.on(type, (event) => {
      const level = type === "canceled" && event.reason === "canceled" ? "info" : LEVEL_OF[type];
      return logger[level](redact(fieldsOf(event)), `job ${type}`);
    }),
  );
  all.push(
    service.on("error", async ({ error, doing }) => {
      try {
        await logger.error(redact({ err: error, doing }), `failed: ${doing}`);
      } catch {
        // telling of it would come here again
      }
    }),
  );
  return () => {
    for (const leave of all) leave();
  };
}

function fieldsOf({ id, topic, name, attempt, state, reason, error, reservedBy, token }: JobHead) {
  const fields = { jobId: id, topic, name, attempt, state, token, reason, error, by: reservedBy };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
