import { type Claim, Deadline, JobqError, ManualClock } from "@jobq/core";
import { describe, expect, test } from "vitest";
import { Dispatcher } from "../src/reserve/dispatcher.ts";
import { DISK, expectCode, isPending, NOW, settled } from "./harness.ts";

/** A dispatcher before a pile of numbered jobs per topic. */
function open(pollMs?: number) {
  const clock = new ManualClock(NOW);
  const piles = new Map<string, number[]>();
  const claims: (readonly Claim[])[] = [];
  const back: number[] = [];
  const reports: string[] = [];
  let turns = 0;
  let failure: unknown;
  const dispatcher = new Dispatcher<number>({
    clock,
    by: () => "me",
    pollMs,
    maintenance: { dueInMs: () => Infinity, act: () => {} },
    claim: async (all) => {
      claims.push(all);
      for (let turn = 0; turn < turns; turn++) await undefined;
      if (failure) throw failure;
      return all.map(({ topic, limit }) => piles.get(topic)?.splice(0, limit) ?? []);
    },
    release: (jobs) => void back.push(...jobs),
    report: (error, doing) => void reports.push(`${doing}: ${(error as Error).message}`),
  });
  const put = (topic: string, ...jobs: number[]): void => {
    piles.set(topic, [...(piles.get(topic) ?? []), ...jobs]);
    dispatcher.wake(topic);
  };
  const ask = (
    topic: string,
    limit = 1,
    { waitMs = 1000, leaseMs, signal }: { waitMs?: number; leaseMs?: number; signal?: AbortSignal } = {},
  ) => dispatcher.reserve({ topic, limit, leaseMs, deadline: new Deadline(clock, waitMs), signal });
  return {
    clock,
    dispatcher,
    claims,
    back,
    reports,
    put,
    ask,
    slow: (by: number) => {
      turns = by;
    },
    fail: (error: unknown) => {
      failure = error;
    },
  };
}

describe("a dispatcher", () => {
  test("makes one claim for each topic and lease, and one round for all of them", async () => {
    const { ask, claims } = open();
    for (const [topic, leaseMs] of [["a"], ["a"], ["b"], ["a", 50]] as const)
      void ask(topic, 2, leaseMs ? { leaseMs } : {});
    await settled();
    expect(claims).toEqual([
      [
        { topic: "a", leaseMs: undefined, by: "me", limit: 4 },
        { topic: "a", leaseMs: 50, by: "me", limit: 2 },
        { topic: "b", leaseMs: undefined, by: "me", limit: 2 },
      ],
    ]);
  });

  test.each(Array.from({ length: 20 }, (_, turns) => turns))(
    "misses no job that is put there %i turns after somebody asked",
    async (turns) => {
      for (const slow of [0, 1, 5]) {
        const { ask, put, slow: slowBy } = open();
        slowBy(slow);
        const waiting = ask("a");
        for (let turn = 0; turn < turns; turn++) await undefined;
        put("a", 1);
        await settled();
        expect(await isPending(waiting)).toBe(false);
        expect(await waiting).toEqual([1]);
      }
    },
  );

  test.each(Array.from({ length: 12 }, (_, turns) => turns))(
    "loses no job of a caller who leaves after %i turns",
    async (turns) => {
      const { ask, put, slow, back, claims } = open();
      slow(5);
      put("a", 1, 2);
      const abort = new AbortController();
      const leaving = ask("a", 1, { signal: abort.signal }).catch((error: unknown) => {
        expect(error).toBe(DISK);
        return [];
      });
      const staying = ask("a", 1);
      for (let turn = 0; turn < turns; turn++) await undefined;
      abort.abort(DISK);
      const handed = [...(await leaving), ...(await staying)];
      await settled();
      const taken = Math.min(
        2,
        claims.flat().reduce((sum, { limit }) => sum + limit, 0),
      );
      expect([...handed, ...back].sort()).toEqual([1, 2].slice(0, taken));
      expect(handed.length + back.length).toBe(taken);
    },
  );

  test("gives a caller whose time is over during a round what the round brings", async () => {
    const { ask, put, slow, clock } = open();
    slow(5);
    const waiting = ask("a", 1, { waitMs: 10 });
    await settled();
    put("a", 1);
    await undefined;
    await undefined;
    clock.advance(10);
    expect(await waiting).toEqual([1]);
  });

  test("fails the callers of the round that failed, and serves the next", async () => {
    const { ask, put, fail } = open();
    const waiting = ask("quiet");
    await settled();
    fail(DISK);
    await expect(ask("a")).rejects.toBe(DISK);
    fail(undefined);
    expect(await isPending(waiting)).toBe(true);
    put("quiet", 1);
    expect(await waiting).toEqual([1]);
  });

  test("takes nobody once it is closed, and ends when the claim under way has", async () => {
    const { ask, put, slow, dispatcher, back } = open();
    slow(9);
    put("a", 1);
    const waiting = ask("a");
    await undefined;
    await undefined;
    const closing = dispatcher.close();
    await expectCode(waiting, "CLOSED");
    await closing;
    expect(back).toEqual([1]);
    await expectCode(ask("a"), "CLOSED");
  });

  test("looks again by itself only where others may push: soon first, then ever more rarely", async () => {
    for (const pollMs of [undefined, 1000]) {
      const { ask, claims, clock } = open(pollMs);
      void ask("a", 1, { waitMs: 60_000 });
      await settled();
      const at: number[] = [];
      for (let count = claims.length; clock.now() < NOW + 5000; count = claims.length) {
        clock.advance(50);
        await settled();
        if (claims.length > count) at.push(clock.now() - NOW);
      }
      expect(at).toEqual(pollMs ? [100, 300, 700, 1500, 2500, 3500, 4500] : []);
    }
  });
});

describe("a dispatcher whose store has worked, and is away", () => {
  const AWAY = new JobqError("STORE_FAILED", "away");
  const atWork = async () => {
    const dispatcher = open();
    dispatcher.put("a", 0);
    expect(await dispatcher.ask("a")).toEqual([0]);
    dispatcher.fail(AWAY);
    return dispatcher;
  };

  test("has calls that wait look again, ever more rarely, and hands them what comes then", async () => {
    const { ask, put, fail, clock, claims, reports } = await atWork();
    const call = ask("a", 1, { waitMs: 10_000 });
    expect(await isPending(call)).toBe(true);
    expect(reports).toEqual(["reserving: away"]);
    for (let ms = 0; ms < 5_000; ms += 10) {
      clock.advance(10);
      await settled();
    }
    expect(claims.length).toBeLessThan(9);
    fail(undefined);
    put("a", 1);
    expect(await call).toEqual([1]);
  });

  test("rejects a call whose time is over with the last failure", async () => {
    const { ask, clock } = await atWork();
    const call = ask("a", 1, { waitMs: 1_000 });
    expect(await isPending(call)).toBe(true);
    clock.advance(1_000);
    await expectCode(call, "STORE_FAILED");
  });

  test("answers a call whose time is over when the store came back, with nothing", async () => {
    const { ask, clock, fail } = await atWork();
    const call = ask("a", 1, { waitMs: 1_000 });
    await settled();
    fail(undefined);
    for (let ms = 0; ms < 1_000; ms += 10) {
      clock.advance(10);
      await settled();
    }
    expect(await call).toEqual([]);
  });

  test("rejects at once what does not wait, what cannot pass, and what never worked", async () => {
    const { dispatcher, ask, fail } = await atWork();
    await expectCode(
      dispatcher.reserve({ topic: "a", limit: 1, leaseMs: undefined, deadline: undefined, signal: undefined }),
      "STORE_FAILED",
    );
    fail(new JobqError("STORE_VERSION", "old"));
    await expectCode(ask("a"), "STORE_VERSION");
    const fresh = open();
    fresh.fail(AWAY);
    await expectCode(fresh.ask("a"), "STORE_FAILED");
  });

  test("ends calls that ride it out by their signals and by close", async () => {
    const { dispatcher, ask } = await atWork();
    const stop = new AbortController();
    const [stopped, closed] = [ask("a", 1, { signal: stop.signal }), ask("b")];
    await settled();
    stop.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
    await dispatcher.close();
    await expectCode(closed, "CLOSED");
  });
});
