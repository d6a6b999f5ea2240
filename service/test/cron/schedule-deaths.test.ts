import { every } from "@jobq/service/cron";
import { describe, expect, it } from "vitest";
import { NOW } from "../harness.ts";
import type { Death, ScheduleProcess } from "./schedule-process.ts";
import { OPEN } from "./schedule-stores.ts";
import { MINUTE, World } from "./scheduled.ts";

const OLD = { topic: "topic", payload: "old", missed: "all" } as const;
const NEW = { topic: "topic", payload: "new", missed: "all" } as const;
const STEP = 15_000;
/** Of these, the edit comes after the fifth. */
const STEPS = 17;
/** Longer than the lease of the one that died and the time until lost entries are looked for. */
const REST = 8;
const END = Math.floor(((STEPS + REST) * STEP) / MINUTE);

const EDIT_STEPS = 6;
const EDIT_END = ((EDIT_STEPS + REST) * STEP) / MINUTE;

type Edit = (one: ScheduleProcess, other: ScheduleProcess) => Promise<void>;

/** Every instant of the old times up to the edit, and of the new ones after it, until the end; in minutes. */
function expected(editedAt: number): string[] {
  const old = Array.from({ length: Math.floor(editedAt) }, (_, index) => `old ${index + 1}`);
  const halves = Array.from({ length: 2 * END }, (_, index) => (index + 1) / 2);
  return [...old, ...halves.filter((minute) => minute > editedAt).map((minute) => `new ${minute}`)];
}

async function given(world: World, { svc }: ScheduleProcess): Promise<string[]> {
  const jobs = await svc.find({ topic: "topic", limit: 1000 });
  const minutes = await world.minutes();
  return Promise.all(jobs.map(async ({ id }, index) => `${(await svc.get(id))?.payload} ${minutes[index]}`));
}

/** Two processes, one of which dies; the schedule is edited by `edit` after a while. */
async function history(pair: string, death: Death, edit: Edit) {
  const world = await World.open(pair);
  const other = await world.join();
  await other.schedules.set("s", every("1m"), OLD);
  const one = await world.join(death);
  let diedEarly = false;
  for (const { schedules } of [one, other]) await schedules.start();
  for (let step = 0; step < STEPS + REST; step++) {
    if (step === 5) await edit(one, other);
    if (step === STEPS) {
      diedEarly = one.isDead;
      one.kill();
    }
    await world.pass(STEP);
  }
  const all = await given(world, other);
  const errors = other.errors;
  await world.close();
  return { all, errors, diedEarly };
}

/** Every write where stores are fast, some of them where they are slow. */
function strideOf(pair: string): number {
  if (pair.startsWith("memory")) return 1;
  return pair.startsWith("LevelDB") ? 7 : 17;
}

/** Histories with one death each, until there are no more writes. */
async function eachDeath(pair: string, edit: Edit, editedAt: number): Promise<number> {
  let deaths = 0;
  for (let write = 0, alive = 0; alive < 2; write += strideOf(pair)) {
    for (const when of ["before", "after"] as const) {
      const { all, errors, diedEarly } = await history(pair, { write, when }, edit);
      expect([write, when, all, errors]).toEqual([write, when, expected(editedAt), []]);
      alive = diedEarly ? 0 : alive + 1;
      deaths += diedEarly ? 1 : 0;
    }
  }
  return deaths;
}

describe.each(Object.keys(OPEN))("over %s", (pair) => {
  it("a process that dies at any of its writes costs and doubles no instant", async () => {
    expect(await eachDeath(pair, async () => {}, END)).toBeGreaterThan(5);
  });

  it("nor does one that dies at any write of an edit, which is there whole or not at all", async () => {
    const edit: Edit = async (one, other) => {
      await one.survive(one.schedules.set("s", every("30s"), NEW));
      await other.schedules.set("s", every("30s"), NEW);
    };
    expect(await eachDeath(pair, edit, 1.25)).toBeGreaterThan(5);
  });

  it("nor does an edit that comes between any two writes of those who hold it", async () => {
    let edits = 0;
    for (let write = 0, came = true; came; write += 2) {
      for (const when of ["before", "after"] as const) {
        const world = await World.open(pair);
        const other = await world.join();
        await other.schedules.set("s", every("1m"), OLD);
        const one = await world.join();
        const first = one.writes;
        let editedAt: number | undefined;
        one.between = async (at, side) => {
          if (at !== first + write || side !== when) return;
          editedAt = (world.clock.now() - NOW) / MINUTE;
          await other.schedules.set("s", every("30s"), NEW);
        };
        await one.schedules.start();
        for (let step = 0; step < EDIT_STEPS + REST; step++) {
          if (step === EDIT_STEPS) one.between = undefined;
          await world.pass(STEP);
        }
        came = editedAt !== undefined;
        const all = expected(editedAt ?? END).filter((text) => Number(text.split(" ")[1]) <= EDIT_END);
        expect([write, when, await given(world, one), one.errors]).toEqual([write, when, all, []]);
        await world.close();
        edits += came ? 1 : 0;
      }
    }
    expect(edits).toBeGreaterThan(5);
  });
});
