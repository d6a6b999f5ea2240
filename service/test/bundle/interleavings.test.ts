import { type JobRepository, ManualClock, type TopicRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, test } from "vitest";
import { NOW } from "../harness.ts";
import { MortalProcess } from "../mortal-process.ts";

/** One in so many of the histories with a death is played; with JOBQ_TEST_EXHAUSTIVE each of them. */
const STRIDE = process.env.JOBQ_TEST_EXHAUSTIVE === undefined ? 43 : 1;
const LEASE_MS = 10_000;

/** What can happen to a bundle of three members, of which `a` and `b` are there from the start. */
type Step = "end a" | "cancel b" | "reset b" | "end b" | "add c" | "remove c" | "seal";

/** What has to come before what. */
const BEFORE: Partial<Record<Step, Step>> = { "reset b": "cancel b", "end b": "reset b", "remove c": "add c" };
const STEPS: readonly Step[] = ["end a", "cancel b", "reset b", "end b", "add c", "remove c", "seal"];

/** All orders of the steps in which each comes after what has to be before it. */
function orders(done: readonly Step[] = []): (readonly Step[])[] {
  if (done.length === STEPS.length) return [done];
  const next = STEPS.filter((step) => !done.includes(step) && (!BEFORE[step] || done.includes(BEFORE[step])));
  return next.flatMap((step) => orders([...done, step]));
}

/** What a member is after the steps so far; what is added after the seal is refused. */
class Oracle {
  readonly #live = new Set(["a", "b"]);
  #sealed = false;
  hasEnded = false;

  take(step: Step): void {
    const [what, member = ""] = step.split(" ");
    if (what === "seal") this.#sealed = true;
    else if (what === "reset" || (what === "add" && !this.#sealed)) this.#live.add(member);
    else this.#live.delete(member);
    this.hasEnded ||= this.#sealed && this.#live.size === 0;
  }
}

/** Processes over one store, and a bundle in it. */
class History {
  readonly clock = new ManualClock(NOW);
  readonly #jobs: JobRepository = memoryJobs({ clock: this.clock });
  readonly #topics: TopicRepository = memoryTopics();
  readonly #members = new Map<string, string>();
  readonly #processes: MortalProcess[] = [];
  id = "";

  async join(): Promise<MortalProcess> {
    const joined = new MortalProcess(this.#jobs, this.#topics);
    this.#processes.push(joined);
    await joined.svc.topics();
    await joined.quiet();
    return joined;
  }

  async open({ bundles }: MortalProcess): Promise<void> {
    const open = await bundles.open("bundle", { onEnd: { topic: "end" } });
    this.id = open.id;
    const receipts = await open.add(["a", "b"].map((topic) => ({ topic, payload: 1 })));
    for (const [at, name] of ["a", "b"].entries()) this.#members.set(name, receipts[at]?.id as string);
  }

  /** Takes a step, which may have been taken in part by one that died. */
  async take(step: Step, { svc, bundles }: MortalProcess): Promise<void> {
    const [what, name = ""] = step.split(" ");
    const id = this.#members.get(name) ?? "none";
    try {
      if (what === "seal") await bundles.seal(this.id);
      if (what === "add") {
        const [c] = await bundles.add(this.id, [{ topic: "c", payload: 1, options: { unique: "c" } }]);
        this.#members.set("c", c?.id as string);
      }
      if (what === "cancel") await svc.cancel(id);
      if (what === "remove") await svc.remove(id);
      if (what === "reset") await svc.reset(id);
      if (what === "end") for (const job of await svc.reserve(name, 1, { lease: LEASE_MS })) await job.done();
    } catch (error) {
      expect(["INVALID_STATE", "JOB_NOT_FOUND"]).toContain((error as { code?: unknown }).code);
    }
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (const one of this.#processes) await one.quiet();
  }

  async hasEnded(): Promise<boolean> {
    const [bundle] = await this.#jobs.get([this.id]);
    return bundle?.state !== "delayed";
  }

  /** Runs whatever the bundle enqueued, and says how often that was. */
  async runs({ svc }: MortalProcess): Promise<number> {
    let runs = 0;
    for (let round = 0; round < 3; round++) {
      for (const job of await svc.reserve("end", 10)) {
        runs++;
        await job.done();
      }
      await this.pass(61_000);
    }
    return runs;
  }
}

/** The steps, by a process that dies on the way, then by another; returns how many writes there were to die at. */
async function withDeath(order: readonly Step[], death: number): Promise<number> {
  const history = new History();
  const survivor = await history.join();
  await history.open(survivor);
  const mortal = await history.join();
  mortal.writes = 0;
  mortal.death = death;
  const oracle = new Oracle();
  for (const step of order) {
    if (!mortal.isDead) await mortal.survive(history.take(step, mortal));
    await mortal.quiet();
    if (mortal.isDead) {
      await history.take(step, survivor);
      await survivor.quiet();
      if (step.startsWith("end")) {
        await history.pass(61_000); // the lease is over, and a lost entry found
        await history.take(step, survivor);
        await survivor.quiet();
      }
    }
    oracle.take(step);
    const hasEnded = await history.hasEnded();
    if (hasEnded) expect([order, death, step, oracle.hasEnded]).toEqual([order, death, step, true]);
    if (!mortal.isDead) expect([order, death, step, hasEnded]).toEqual([order, death, step, oracle.hasEnded]);
  }
  const { writes } = mortal;
  mortal.kill();
  await history.pass(61_000); // lost entries and news are looked for
  expect([order, death, await history.hasEnded()]).toEqual([order, death, true]);
  expect([order, death, await history.runs(survivor), survivor.errors]).toEqual([order, death, 1, []]);
  return writes;
}

describe("a bundle of three members", () => {
  test("ends once, when it is sealed and no member is live, whatever happens in which order and who dies at which write", {
    timeout: 600_000,
  }, async () => {
    let histories = 0;
    for (const [at, order] of orders().entries()) {
      const writes = await withDeath(order, Infinity);
      for (let death = at % STRIDE; death < writes * 2; death += STRIDE) {
        await withDeath(order, death);
        histories++;
      }
    }
    expect(histories).toBeGreaterThan(200);
  });

  test.each<readonly [Step, readonly Step[]]>([
    ["end a", ["add c", "seal"]],
    ["end a", ["seal", "add c"]],
    ["end a", ["cancel b", "seal"]],
    ["end a", ["add c", "cancel b", "seal"]],
    ["seal", ["add c", "end a", "cancel b"]],
    ["cancel b", ["add c", "end a", "seal", "remove c"]],
    ["cancel b", ["reset b", "end a", "seal", "end b"]],
  ])("ends once when, between any two calls of one who does %s, others do %j", async (step, others) => {
    const rest = STEPS.filter((other) => other !== step && !others.includes(other) && other !== "reset b");
    for (let call = 0, came = true; came; call++) {
      const history = new History();
      const [one, other] = [await history.join(), await history.join()];
      await history.open(other);
      if (step === "end a" && !others.includes("cancel b")) await history.take("cancel b", other);
      await one.quiet();
      const first = one.calls;
      came = false;
      one.between = async (at) => {
        if (at !== first + call) return;
        came = true;
        for (const taken of others) await history.take(taken, other);
        await other.quiet();
      };
      await history.take(step, one);
      await one.quiet();
      one.between = undefined;
      const isLive = (await other.bundles.get(history.id))?.live !== 0;
      if (isLive) expect([call, await history.hasEnded()]).toEqual([call, false]);
      for (const taken of ["end a", "end b", ...rest, "seal"] as const) await history.take(taken, other);
      await history.pass(61_000);
      expect([call, await history.hasEnded(), await history.runs(other)]).toEqual([call, true, 1]);
    }
  });
});
