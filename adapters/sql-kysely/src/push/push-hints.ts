import { type Clock, JobqError, systemClock, type Topic, type TopicInfo } from "@jobq/core";
import type { SqlSession } from "../session/sql-session.ts";
import { digest } from "../statement/digest.ts";
import { channelOf } from "./push-channel.ts";
import { type ListenClient, type ListenConnect, PushListener } from "./push-listener.ts";
import { PushNotifier } from "./push-notifier.ts";

/**
 * Where to hear what other processes push: by a connection string, for which `pg` must be installed, or by a function
 * that makes a connected client, of `pg` or alike. It needs a session of its own: not through a pooler in transaction
 * mode.
 */
export type ListenOptions = { readonly connectionString: string } | { readonly client: ListenConnect };

/** Both ends of the hints that processes over the same tables give each other. */
export class PushHints {
  readonly notifier: PushNotifier;
  readonly #listener: PushListener;

  /** @param topics tells which topics there are, for when hints may have been missed */
  constructor(
    session: SqlSession,
    listen: ListenOptions,
    topics: () => Promise<TopicInfo[]>,
    clock: Clock = systemClock,
  ) {
    const channel = channelOf(session.layout);
    let made: string | undefined;
    // Not before it is used: where modules are loaded, some runtimes give no random numbers.
    const sender = (): string => {
      made ??= digest(crypto.randomUUID());
      return made;
    };
    const missed = async (): Promise<Topic[]> =>
      (await topics()).filter(({ ready }) => ready > 0).map(({ topic }) => topic);
    this.notifier = new PushNotifier(session, clock, channel, sender);
    this.#listener = new PushListener(connectOf(listen), clock, channel, sender, missed);
  }

  /** As `onPush` of a topic repository. */
  add(listener: (topic: Topic) => void, failed?: (error: unknown) => void): () => void {
    return this.#listener.add(listener, failed);
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
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
