import { cron, daily, every, nextInstant, type When, weekly } from "@jobq/service/cron";
import { expect, test } from "vitest";
import { NOW } from "../harness.ts";
import { HOUR, World } from "./scheduled.ts";

const YEAR = 365 * 24 * HOUR;
const SEEDS = [1, 2];

const TIMES: Readonly<Record<string, readonly [When, string]>> = {
  "every six hours": [every("6h"), "UTC"],
  "at night in Berlin": [daily("02:30"), "Europe/Berlin"],
  "in the morning in New York": [daily("09:00"), "America/New_York"],
  "on Sundays on Lord Howe": [weekly("sunday", "02:15"), "Australia/Lord_Howe"],
  "at the end of the month": [cron("0 18 L * *"), "America/Santiago"],
};

/** Numbers from 0 up to 1 that are the same for a seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function instantsOf([when, zone]: readonly [When, string], until: number): number[] {
  const instants: number[] = [];
  for (let at = nextInstant(when, NOW, zone); at && at <= until; at = nextInstant(when, at, zone)) instants.push(at);
  return instants;
}

/** A year in which every process is killed at one of its writes, and the next one comes a while later. */
async function year(seed: number) {
  const world = await World.open();
  const next = random(seed);
  let deaths = 0;
  const begin = async () => {
    const process = await world.join({ write: Math.floor(next() * 200), when: next() < 0.5 ? "before" : "after" });
    for (const [name, [when, timezone]] of Object.entries(TIMES)) {
      const options = { topic: name, timezone, missed: "all" } as const;
      if ((await process.survive(process.schedules.set(name, when, options))) === "died") return process;
    }
    await process.schedules.start();
    return process;
  };
  let process = await begin();
  while (world.clock.now() < NOW + YEAR) {
    if (process.isDead) {
      deaths++;
      world.processes.length = 0;
      process = await begin();
    }
    await world.pass(Math.ceil(next() * 6) * HOUR);
  }
  process.kill();
  const last = await world.join();
  await last.schedules.start();
  for (let hour = 0; hour < 3; hour++) await world.pass(HOUR);
  return { world, deaths };
}

test.each(SEEDS)("in a year of random deaths each instant of each schedule gives one job, seed %i", async (seed) => {
  const { world, deaths } = await year(seed);
  expect(deaths).toBeGreaterThan(30);
  for (const [name, times] of Object.entries(TIMES)) {
    const minutes = instantsOf(times, world.clock.now()).map((at) => (at - NOW) / 60_000);
    expect([name, await world.minutes(name)]).toEqual([name, minutes]);
  }
  await world.close();
});
