import { jobRepositoryCases, TEST_NOW as NOW, runCase, testId, testJob, testJobs } from "@jobq/conformance";
import { type Clock, ManualClock, type QueueStore, type Topic } from "@jobq/core";
import { createService, type JobService } from "@jobq/service";
import { type Kysely, sql } from "kysely";
import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { channelOf, fromPayload, toPayloads } from "../src/hints/hint-channel.ts";
import { HintListener } from "../src/hints/hint-listener.ts";
import { HintNotifier } from "../src/hints/hint-notifier.ts";
import { type ListenClient, type SqlTopicsOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { postgres, sqlite } from "./databases.ts";
import { describeOn, harnessOf } from "./suites.ts";

/** Hears topics one by one, in the order in which they were told. */
class Ear {
  readonly #heard: Topic[] = [];
  #waiting: ((topic: Topic) => void) | undefined;
  readonly hear = (topic: Topic): void => {
    this.#heard.push(topic);
    this.#give();
  };

  next(): Promise<Topic> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#give();
    });
  }

  #give(): void {
    const topic = this.#waiting && this.#heard.shift();
    if (topic === undefined) return;
    this.#waiting?.(topic);
    this.#waiting = undefined;
  }
}

await describeOn(postgres, (database) => {
  const { options, url = "" } = database;
  const listen = { connectionString: url };
  const fused = (kysely: Kysely<unknown>, more: Pick<SqlTopicsOptions, "listen">): QueueStore =>
    sqlTopics(kysely, { ...options, ...more }).fuse?.(sqlJobs(kysely, options)) as QueueStore;
  const insert = (topic: string, number = 1) => [{ now: NOW, insert: [testJob(number, { topic })] }];
  const { layout } = sqlJobs(database.connect(), options).internals.session;
  beforeEach(() => database.clear());

  it("a process hears what another one pushes, and not what it pushes itself", async () => {
    const [here, there] = [fused(database.connect(), { listen }), fused(database.connect(), { listen })];
    const ears = { here: new Ear(), there: new Ear() };
    here.topics.onPush?.(ears.here.hear);
    there.topics.onPush?.(ears.there.hear);
    await untilListening(database.connect(), 2);
    await here.commit(insert("from here", 1));
    expect(await ears.there.next()).toBe("from here");
    await there.commit(insert("from there", 2));
    expect(await ears.here.next()).toBe("from there");
    for (const store of [here, there]) {
      await store.topics.close();
      await store.jobs.close();
    }
  });

  it("what makes jobs ready is heard: promotions, ended leases, releases, resets", async () => {
    const [here, there] = [fused(database.connect(), { listen }), fused(database.connect(), { listen })];
    const ear = new Ear();
    there.topics.onPush?.(ear.hear);
    await untilListening(database.connect(), 1);
    const topics = ["promoted", "expired", "released", "reset"];
    const jobs = testJobs(4).map((job, index) => ({ ...job, topic: topics[index] ?? "" }));
    const [promoted, expired, released, reset] = jobs as [
      (typeof jobs)[0],
      (typeof jobs)[0],
      (typeof jobs)[0],
      (typeof jobs)[0],
    ];
    const held = {
      state: "reserved",
      token: 1,
      attempt: 1,
      leaseUntil: NOW,
      reservedAt: NOW,
      reservedBy: "x",
    } as const;
    await here.commit([
      { now: NOW, insert: [{ ...promoted, state: "delayed", runAt: NOW } as never] },
      { now: NOW, insert: [{ ...expired, ...held } as never, { ...released, ...held } as never] },
      { now: NOW, insert: [{ ...reset, state: "done", finishedAt: NOW } as never] },
    ]);
    await here.promote(NOW, 10);
    expect(await ear.next()).toBe("promoted");
    await here.commit([{ now: NOW, apply: [{ type: "release", id: released?.id ?? "", token: 1 }] }]);
    expect(await ear.next()).toBe("released");
    await here.expire(NOW, 10);
    expect(await ear.next()).toBe("expired");
    await here.commit([{ now: NOW, apply: [{ type: "reset", id: reset?.id ?? "" }] }]);
    expect(await ear.next()).toBe("reset");
    await there.topics.close();
  });

  it("a push within a transaction is heard when it commits, and never when it does not", async () => {
    const [kysely, there] = [database.connect(), fused(database.connect(), { listen })];
    const here = fused(kysely, { listen });
    const jobs = here.jobs as ReturnType<typeof sqlJobs>;
    const ear = new Ear();
    there.topics.onPush?.(ear.hear);
    await untilListening(database.connect(), 1);
    const undone = kysely.transaction().execute(async (trx) => {
      await jobs.within(trx).commit(insert("undone", 1));
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    await kysely.transaction().execute((trx) => jobs.within(trx).commit(insert("committed", 2)));
    expect(await ear.next()).toBe("committed");
    await there.topics.close();
  });

  it("topics with entries of their own are heard alike", async () => {
    const [here, there] = [database.connect(), database.connect()].map((kysely) =>
      sqlTopics(kysely, { ...options, listen }),
    );
    const ear = new Ear();
    there?.onPush?.(ear.hear);
    await untilListening(database.connect(), 1);
    await here?.push([{ id: testJob(1).id, topic: "pushed", weight: 0 }]);
    expect(await ear.next()).toBe("pushed");
    await there?.close();
    await here?.close();
  });

  it("a listener whose connection was cut listens again, and hears of what it missed", async () => {
    const clients: pg.Client[] = [];
    const client = async (): Promise<ListenClient> => {
      const made = new pg.Client({ connectionString: url });
      clients.push(made);
      await made.connect();
      return made as unknown as ListenClient;
    };
    const [here, there] = [fused(database.connect(), { listen }), fused(database.connect(), { listen: { client } })];
    const ear = new Ear();
    there.topics.onPush?.(ear.hear);
    await untilListening(database.connect(), 1);
    await here.commit(insert("before", 1));
    expect(await ear.next()).toBe("before");
    await here.reserve([{ topic: "before", limit: 1, by: "me" }], NOW);
    (clients[0] as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await here.commit(insert("meanwhile", 2));
    expect(await ear.next()).toBe("meanwhile");
    await untilListening(database.connect(), 1);
    await here.commit(insert("after", 3));
    expect(await ear.next()).toBe("after");
    await there.topics.close();
    expect(clients.length).toBe(2);
  });

  it("a service that listens hears what another enqueues, and leaves no connection when it is closed", async () => {
    const [here, there] = [database.connect(), database.connect()].map((kysely) =>
      createService({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, { ...options, listen }) }),
    ) as [JobService, JobService];
    const observer = database.connect();
    for (const svc of [here, there]) await svc.topics(); // the first call starts a service
    await untilListening(observer, 2);
    const waiting = there.reserve("heard", 1, { wait: "1h" });
    const id = await here.enqueue("heard", 1);
    const [job] = await waiting;
    expect(job?.id).toBe(id);
    await job?.done();
    await Promise.all([here.close(), there.close()]);
    await untilListening(observer, 0);
  });

  const listeningJobs = (kysely: Kysely<unknown>) => sqlJobs(kysely, { ...options, listen });

  it("jobs that another process ends or removes are told of, and not those that end here", async () => {
    const harness = harnessOf("sqlJobs that listen", database, listeningJobs);
    await runCase(jobRepositoryCases.find(({ id }) => id === "J-233") as (typeof jobRepositoryCases)[0], harness);
    const [here, there] = [listeningJobs(database.connect()), listeningJobs(database.connect())];
    const heard = new Ear();
    here.onChange?.((ids) => heard.hear(`${ids}`));
    await untilListening(database.connect(), 1);
    expect(await heard.next()).toBe("undefined"); // whatever came before
    const cancel = (number: number) =>
      [
        { now: NOW, insert: [testJob(number)], apply: [{ type: "cancel", id: testId(number), reason: "canceled" }] },
      ] as const;
    await here.commit(cancel(11));
    await there.commit(cancel(12));
    expect(await heard.next()).toBe(testId(12));
    for (const jobs of [here, there]) await jobs.close();
  });

  it("services that listen hear of results, cancels and ends elsewhere at once, over one connection each", async () => {
    const [here, there] = [database.connect(), database.connect()].map((kysely) =>
      createService({
        ...{ jobs: listeningJobs(kysely), topics: sqlTopics(kysely, { ...options, listen }) },
        ...{ pollInterval: "1h", recoveryInterval: "1h" },
      }),
    ) as [JobService, JobService];
    for (const svc of [here, there]) await svc.topics();
    await untilListening(database.connect(), 2);
    const stream = here.events({ everywhere: true });
    const [id, held] = [await there.enqueue("one", 1), await here.enqueue("two", 1)];
    const result = here.result(id);
    const [job] = await here.reserve("two");
    const lost = new Promise((resolve) => job?.signal.addEventListener("abort", resolve));
    await there.cancel(held);
    await lost;
    const [other] = await there.reserve("one", 1, { wait: "1h" });
    await other?.done("there");
    expect(await result).toMatchObject({ state: "done", result: "there" });
    const ends = new Set<unknown>();
    for await (const event of stream) {
      if (event.type === "done" || event.type === "canceled") ends.add((event as { id?: string }).id);
      if (ends.size === 2) break;
    }
    expect(ends).toEqual(new Set([id, held]));
    await Promise.all([here.close(), there.close()]);
    await untilListening(database.connect(), 0);
  });

  it("a job that is done within a transaction is told of when that commits, also in the process that began it", async () => {
    const kysely = database.connect();
    const jobs = listeningJobs(kysely);
    const heard = new Ear();
    jobs.onChange?.((ids) => heard.hear(`${ids}`));
    await untilListening(database.connect(), 1);
    expect(await heard.next()).toBe("undefined");
    await jobs.commit([{ now: NOW, insert: [testJob(1), testJob(2)] }]);
    const cancel = (trx: object, number: number) =>
      jobs.within(trx).commit([{ now: NOW, apply: [{ type: "cancel", id: testId(number), reason: "canceled" }] }]);
    const undone = kysely.transaction().execute(async (trx) => {
      await cancel(trx, 1);
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    await kysely.transaction().execute((trx) => cancel(trx, 2));
    expect(await heard.next()).toBe(testId(2));
    await jobs.close();
  });

  it("a service that cannot listen says so, and works without", async () => {
    const kysely = database.connect();
    const nowhere = { connectionString: "postgres://127.0.0.1:1/nowhere" };
    const topics = sqlTopics(kysely, { ...options, listen: nowhere });
    const svc = createService({ jobs: sqlJobs(kysely, options), topics });
    const failure = new Promise((resolve) => svc.on("error", resolve));
    await svc.topics();
    expect(await failure).toMatchObject({ doing: "listening to other processes", error: { code: "ECONNREFUSED" } });
    await svc.enqueue("unheard", 1);
    expect(await svc.reserve("unheard")).toHaveLength(1);
    await svc.close({ deadline: 0 });
  });

  /** Until so many backends have said LISTEN. */
  async function untilListening(kysely: Kysely<unknown>, count: number): Promise<void> {
    const listen = sql.raw(`'listen "' || ${channelOf(layout)} || '"'`);
    for (let found = -1; found !== count; ) {
      const { rows } = await sql`select 1 from pg_stat_activity where query = ${listen} and state = 'idle'`.execute(
        kysely,
      );
      found = rows.length;
    }
  }
});

await describeOn(sqlite, (database) => {
  it("there is nobody to listen to on SQLite", () => {
    const kysely = database.connect();
    expect(sqlTopics(kysely).onPush).toBeUndefined();
    expect(sqlJobs(kysely).onChange).toBeUndefined();
    expect(() => sqlJobs(kysely, { listen: { connectionString: "" } })).toThrow(TypeError);
    expect(() => sqlTopics(kysely, { listen: { connectionString: "" } })).toThrow(TypeError);
  });

  it("what is no way to listen is refused", () => {
    const misspelled = { conectionString: "" } as never;
    expect(() => sqlTopics(database.connect(), { listen: misspelled })).toThrow(/"connectionString"/);
  });
});

/** A connection that says nothing by itself. */
class SilentClient implements ListenClient {
  readonly queries: string[] = [];
  answers = true;
  ended = false;
  readonly #broken: (() => void)[] = [];

  query(text: string): Promise<unknown> {
    this.queries.push(text);
    return this.answers ? Promise.resolve() : new Promise(() => {});
  }

  on(event: string, listener: (...values: never[]) => void): void {
    if (event === "end") this.#broken.push(listener as () => void);
  }

  async end(): Promise<void> {
    this.ended = true;
  }

  cut(): void {
    for (const listener of this.#broken) listener();
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe("HintListener", () => {
  const listening = (
    clock: Clock,
    connect: () => Promise<ListenClient>,
    failed?: (error: unknown) => void,
  ): HintListener => {
    const listener = new HintListener(
      connect,
      clock,
      async () => "channel",
      () => "self",
    );
    listener.add({ heard: () => {}, missed: () => {}, failed });
    return listener;
  };

  it("asks a silent connection every 20 seconds whether it is there, and makes another when it does not answer", async () => {
    const clock = new ManualClock();
    const clients: SilentClient[] = [];
    const listener = listening(clock, async () => {
      clients.push(new SilentClient());
      return clients.at(-1) as SilentClient;
    });
    await turns();
    expect(clients.map(({ queries }) => queries)).toEqual([['listen "channel"']]);
    clock.advance(20_000);
    await turns();
    const [first] = clients as [SilentClient];
    expect(first.queries).toEqual(['listen "channel"', "select 1"]);
    first.answers = false;
    clock.advance(20_000);
    await turns();
    expect(clients.length).toBe(1);
    clock.advance(5_000);
    await turns();
    clock.advance(100);
    await turns();
    expect([first.ended, clients.length]).toEqual([true, 2]);
    await listener.close();
    expect(clients[1]?.ended).toBe(true);
  });

  it("tells who comes later that something may have been missed, too", async () => {
    const listener = listening(new ManualClock(), async () => new SilentClient());
    await turns();
    const missed: boolean[] = [];
    listener.add({ heard: () => {}, missed: (again) => missed.push(again), failed: undefined });
    expect(missed).toEqual([false]);
    await listener.close();
    listener.add({ heard: () => {}, missed: (again) => missed.push(again), failed: undefined });
    expect(missed).toEqual([false]);
  });

  it("tries again with growing pauses while nothing can be connected to, and says each time why", async () => {
    const clock = new ManualClock();
    const tries: number[] = [];
    const failures: unknown[] = [];
    const began = clock.now();
    const refused = new Error("refused");
    const listener = listening(
      clock,
      async () => {
        tries.push(clock.now() - began);
        throw refused;
      },
      (error) => failures.push(error),
    );
    for (let turn = 0; turn < 12; turn += 1) {
      await turns();
      clock.advance((clock.nextAlarmAt() ?? clock.now()) - clock.now());
    }
    expect(tries.slice(0, 5)).toEqual([0, 100, 300, 700, 1_500]);
    expect((tries.at(-1) ?? 0) - (tries.at(-2) ?? 0)).toBe(10_000);
    expect(failures).toEqual(tries.map(() => refused));
    await listener.close();
  });

  it("says that a connection has ended, but not when it is closed itself", async () => {
    const failures: unknown[] = [];
    const client = new SilentClient();
    const listener = listening(
      new ManualClock(),
      async () => client,
      (error) => failures.push(error),
    );
    await turns();
    client.cut();
    await turns();
    expect(failures).toEqual([expect.objectContaining({ code: "STORE_FAILED" })]);
    await listener.close();
    expect(failures.length).toBe(1);
  });

  it("names up to some hundred ended jobs, in payloads that PostgreSQL takes, and says of more that there are some", () => {
    const ids = testJobs(900).map(({ id }) => id);
    const payloads = toPayloads("s", [], ids.slice(0, 700));
    expect(payloads.flatMap((payload) => (fromPayload(payload) as { ended?: readonly string[] }).ended ?? [])).toEqual(
      ids.slice(0, 700),
    );
    expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThan(8_000);
    expect(toPayloads("s", [], ids).map(fromPayload)).toEqual([{ sender: "s", ended: undefined }]);
    const quoted = Array.from({ length: 200 }, (_, index) => `${index}`.padStart(64, '"'));
    expect(Math.max(...toPayloads("s", [], quoted).map(({ length }) => length))).toBeLessThan(8_000);
  });

  it("hears nothing of other notifications", () => {
    const hints = (topics: string[], ended: string[]) => toPayloads("s", topics, ended).map(fromPayload);
    expect(hints(['a "b" \n'], [])).toEqual([{ sender: "s", topic: 'a "b" \n' }]);
    expect(hints([], ["1", "2"])).toEqual([{ sender: "s", ended: ["1", "2"] }]);
    for (const payload of [undefined, "", "s", "s topic", '"topic"', "s {}", "s [1,]", 's "\\"'])
      expect(fromPayload(payload)).toBeUndefined();
  });
});

await describeOn(postgres, (database) => {
  it("a notification goes out at once, the next after a pause that doubles up to 20 ms while there are more", async () => {
    const clock = new ManualClock();
    const { session } = sqlJobs(database.connect(), database.options).internals;
    const sentAt: number[] = [];
    const answers = [new Error("a lost notification"), []];
    session.write = async () => {
      sentAt.push(clock.now());
      const answer = answers[sentAt.length % 2];
      if (answer instanceof Error) throw answer;
      return [];
    };
    await session.use(async () => {}); // opens it
    const notifier = new HintNotifier(session, clock, () => "self");
    /** So many times the step, each with the time after it. */
    const pass = async (times: number, ms: number, step = (): void => {}): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        step();
        await turns();
        clock.advance(ms);
        await turns();
      }
    };
    const began = clock.now();
    await pass(100, 1, () => notifier.pushed(["busy"]));
    expect(sentAt.map((at) => at - began)).toEqual([0, 2, 6, 14, 30, 50, 70, 90]);
    await pass(2, 20);
    const quietSince = clock.now();
    await pass(3, 3, () => notifier.pushed(["now and then"]));
    expect(sentAt.slice(-3).map((at) => at - quietSince)).toEqual([0, 3, 6]);
  });
});
