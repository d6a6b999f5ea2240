import { cp, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobState } from "@jobq/core";
import { JobqError } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../../conformance/src/simulator/random.ts";
import { type Acknowledged, newestLog, openService, type Tear, tear, workAndDie } from "./crash/torn-store.ts";
import { directory } from "./databases.ts";

const SEED = Number(process.env.JOBQ_CRASH_SEED ?? Date.now() % 1_000_000);
const TEARS = 16;

let folder: Awaited<ReturnType<typeof directory>>;
let remains: string;
let acknowledged: Acknowledged[];
beforeAll(async () => {
  folder = await directory();
  remains = join(folder.path, "remains");
  acknowledged = await workAndDie(join(folder.path, "alive"), remains);
});
afterAll(() => folder.remove());

/** What is left of each unit. */
async function survivors(service: JobService): Promise<boolean[]> {
  const states = new Map(
    (await service.find({ limit: 10_000 })).map(({ id, state }): [string, JobState] => [id, state]),
  );
  return acknowledged.map(({ what, ids }) => {
    const left = ids.filter((id) => (what === "done" ? states.get(id) === "done" : states.has(id)));
    if (left.length > 0) expect(left, "a unit is whole").toEqual(ids);
    return left.length > 0;
  });
}

/** Works all jobs that are ready, and one more. */
async function goOn(service: JobService): Promise<void> {
  const ready = (await service.tally()).find(({ state }) => state === "ready")?.count ?? 0;
  await service.enqueue("work", "one more");
  const jobs = await service.reserve("work", 1000);
  expect(jobs).toHaveLength(ready + 1);
  await Promise.all(jobs.map((job) => job.done()));
  expect((await service.tally()).filter(({ state }) => state === "ready")).toEqual([]);
}

describe("a store whose last writes are torn", () => {
  it.for<Tear>(["missing", "zero", "noise"])(
    "has every unit from before the tear and no half ones: the rest is %s",
    {
      timeout: 60_000,
    },
    async (how) => {
      const random = new Random(SEED);
      const length = (await stat(await newestLog(remains))).size;
      const ends = acknowledged.map(({ logBytes }) => logBytes);
      expect(ends.at(-1)).toBe(length);
      for (let count = 0; count < TEARS; count++) {
        // Anywhere, or at the very end of a unit, or a byte off it.
        const offset = random.chance(0.5) ? random.below(length) : random.pick(ends) + random.between(-1, 1);
        const path = join(folder.path, `${how}-${count}`);
        await cp(remains, path, { recursive: true });
        await tear(await newestLog(path), offset, how, random);

        const service = openService(path);
        const alive = await survivors(service);
        const kept = ends.filter((end) => end <= offset).length;
        const what = `torn at ${offset} of ${length}, JOBQ_CRASH_SEED=${SEED}`;
        expect(alive.indexOf(false) < 0 ? alive.length : alive.indexOf(false), what).toBeGreaterThanOrEqual(kept);
        expect(alive.lastIndexOf(true), `nothing follows what is lost, ${what}`).toBeLessThan(
          alive.includes(false) ? alive.indexOf(false) : alive.length,
        );
        await goOn(service);
        await service.close();
      }
    },
  );

  it.for(["CURRENT", "MANIFEST"])("says so when LevelDB cannot open it: %s is noise", async (name) => {
    const path = join(folder.path, `unreadable-${name}`);
    await cp(remains, path, { recursive: true });
    const file = (await readdir(path)).find((entry) => entry.startsWith(name));
    await writeFile(join(path, file ?? name), "noise");
    const service = openService(path);
    const failure: unknown = await service.enqueue("work", 1).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JobqError);
    expect(failure).toMatchObject({ code: "STORE_FAILED", cause: expect.any(Error) });
    await service.close();
  });
});
