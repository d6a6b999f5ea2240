import { checkOptions, type JobHead, type OptionNames } from "@jobq/core";
import { checkType, contextOf, type JobService, type TopicMap } from "../module.ts";

/** The level of a line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where lines are written: pino, bunyan, `console`, or any object with these methods. */
export type FieldLogger = { readonly [Level in LogLevel]: (fields: object, message: string) => unknown };

/** The options of `logEvents`. */
export interface LogOptions {
  /** Gets the fields of a line, and returns those that may be logged. */
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
 * Logs the events of jobs of a service and its `error` events, until the returned function is called. Lines never
 * contain payloads or results. If the logger throws or rejects, that is an `error` event and changes no outcome.
 * @throws {TypeError} a logger without these methods, or an invalid option
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
