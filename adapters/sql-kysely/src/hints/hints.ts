import { type Clock, checkOptions, type JobId, JobqError, systemClock, type Topic, type TopicInfo } from "@jobq/core";
import type { SqlSession } from "../session/sql-session.ts";
import { digest } from "../statement/digest.ts";
import { statement } from "../statement/statement.ts";
import { channelOf } from "./hint-channel.ts";
import { HintListener, type ListenClient, type ListenConnect } from "./hint-listener.ts";
import { HintNotifier } from "./hint-notifier.ts";

/**
 * How to listen for changes of other processes: a connection string, for which `pg` must be installed, or a function
 * that returns a connected client of `pg` or a similar one. It needs a session of its own, not a pooler in transaction
 * mode.
 */
export type ListenOptions = { readonly connectionString: string } | { readonly client: ListenConnect };

interface ListenNames {
  connectionString?: unknown;
  client?: unknown;
}

/** Both ends of the hints that processes over the same tables give each other. */
export class Hints {
  readonly notifier: HintNotifier;
  readonly #listener: HintListener;

  constructor(session: SqlSession, listen: ListenOptions, clock: Clock = systemClock) {
    const select = statement(session.layout.dialect, `select ${channelOf(session.layout)} as channel`);
    const channel = async (): Promise<string> => {
      return (await session.use(() => session.run(select)))[0]?.channel as string;
    };
    let made: string | undefined;
    // Not before it is used: where modules are loaded, some runtimes give no random numbers.
    const sender = (): string => {
      made ??= digest(crypto.randomUUID());
      return made;
    };
    this.notifier = new HintNotifier(session, clock, sender);
    this.#listener = new HintListener(connectOf(listen), clock, channel, sender);
  }

  /**
   * As `onPush` of a topic repository.
   * @param topics tells which topics there are, for when hints may have been missed
   */
  onPush(
    topics: () => Promise<TopicInfo[]>,
    listener: (topic: Topic) => void,
    failed?: (error: unknown) => void,
  ): () => void {
    return this.#listener.add({
      heard: (hint) => "topic" in hint && listener(hint.topic),
      missed: async (again) => {
        if (!again) return; // the first call of a service looks anyway
        for (const { topic, ready } of await topics()) if (ready > 0) listener(topic);
      },
      failed,
    });
  }

  /** As `onChange` of a job repository. */
  onChange(listener: (ids: readonly JobId[] | undefined) => void, failed?: (error: unknown) => void): () => void {
    return this.#listener.add({
      heard: (hint) => "ended" in hint && listener(hint.ended),
      missed: () => listener(undefined),
      failed,
    });
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}

/**
 * The hints of those who listen; undefined for those who do not.
 * @throws {TypeError} an option that there is not, or a database that gives no hints
 */
export function hintsOf(
  session: SqlSession,
  { listen, clock }: { readonly listen?: ListenOptions | undefined; readonly clock?: Clock | undefined },
): Hints | undefined {
  if (!listen) return undefined;
  checkOptions<ListenNames>(listen, { connectionString: true, client: true }, "listen");
  if (session.layout.dialect.name !== "postgres") throw new TypeError("only PostgreSQL can be listened to");
  return new Hints(session, listen, clock);
}

function connectOf(listen: ListenOptions): ListenConnect {
  if ("client" in listen) return listen.client;
  return async () => {
    const { default: pg } = await import("pg").catch((cause: unknown) => {
      throw new JobqError("STORE_FAILED", "listening by a connection string needs the package pg", { cause });
    });
    const client = new pg.Client({ connectionString: listen.connectionString, keepAlive: true });
    client.on("error", () => {}); // also before anybody listens to it
    await client.connect();
    return client as unknown as ListenClient;
  };
}
