import { JobqError, ManualClock, type Unit, type UnitOutcome } from "@jobq/core";
import { expect, test } from "vitest";
import { type Commit, GroupCommit } from "../src/store/group-commit.ts";
import { LockedUnits } from "../src/store/locked-units.ts";
import { DISK, NOW, settled } from "./harness.ts";

const stored = (): UnitOutcome => ({ ok: true, inserted: [], leftOut: [], changed: [], removed: [] });

function unit(characters = 0): Unit {
  return { now: NOW, insert: [{ payload: "x".repeat(characters) } as never] };
}

const grouped = (commit: Commit): GroupCommit =>
  new GroupCommit(commit, new LockedUnits(commit, new ManualClock().monotonic, 10_000));

/** Commits that end when they are told to. */
function heldCommits() {
  const batches: { readonly units: readonly Unit[]; readonly end: (error?: unknown) => void }[] = [];
  const commit: Commit = (units) =>
    new Promise((resolve, reject) => {
      const all = units.map(stored);
      batches.push({ units: [...units], end: (error) => (error === undefined ? resolve(all) : reject(error)) });
    });
  return { batches, group: grouped(commit) };
}

test("a unit that is alone leaves at once", async () => {
  const { batches, group } = heldCommits();
  void group.commit(unit());
  await settled();
  expect(batches.map(({ units }) => units.length)).toEqual([1]);
});

test("units asked for in one turn leave together, in order", async () => {
  const { batches, group } = heldCommits();
  const units = [unit(1), unit(2), unit(3)];
  for (const one of units) void group.commit(one);
  await settled();
  expect(batches.map((batch) => batch.units)).toEqual([units]);
});

test("units asked for while a commit is under way leave together in the next", async () => {
  const { batches, group } = heldCommits();
  void group.commit(unit());
  await settled();
  for (let turn = 0; turn < 5; turn++) {
    void group.commit(unit());
    await settled();
  }
  expect(batches).toHaveLength(1);
  batches[0]?.end();
  await settled();
  expect(batches.map(({ units }) => units.length)).toEqual([1, 5]);
});

test("a commit carries at most a thousand units, in the order they were asked for", async () => {
  const sizes: number[] = [];
  const seen: Unit[] = [];
  const group = grouped(async (units) => {
    sizes.push(units.length);
    seen.push(...units);
    return units.map(stored);
  });
  const units = Array.from({ length: 2500 }, () => unit());
  await Promise.all(units.map((one) => group.commit(one)));
  expect(sizes).toEqual([1000, 1000, 500]);
  expect(seen.every((one, index) => one === units[index])).toBe(true);
});

test("a commit takes no further unit once it carries four million characters", async () => {
  const { batches, group } = heldCommits();
  for (let turn = 0; turn < 9; turn++) void group.commit(unit(1024 * 1024));
  for (let turn = 0; turn < 3; turn++) {
    await settled();
    batches[turn]?.end();
  }
  expect(batches.map(({ units }) => units.length)).toEqual([4, 4, 1]);
});

test("a unit larger than a commit may be leaves alone", async () => {
  const { batches, group } = heldCommits();
  void group.commit(unit(5 * 1024 * 1024));
  void group.commit(unit());
  await settled();
  batches[0]?.end();
  await settled();
  expect(batches.map(({ units }) => units.length)).toEqual([1, 1]);
});

test("a commit that fails rejects exactly its batch, and the next goes on", async () => {
  const { batches, group } = heldCommits();
  const first = [group.commit(unit()), group.commit(unit())];
  await settled();
  const second = [group.commit(unit()), group.commit(unit())];
  batches[0]?.end(DISK);
  for (const one of first) await expect(one).rejects.toBe(DISK);
  await settled();
  batches[1]?.end();
  for (const one of second) await expect(one).resolves.toEqual(stored());
});

test("units that are too large together are stored apart, in order, and only one too large by itself fails", async () => {
  const tooLarge = new JobqError("PAYLOAD_TOO_LARGE", "more than the store takes");
  const seen: number[] = [];
  const sizeOf = ({ insert }: Unit): number => insert?.[0]?.payload.length ?? 0;
  const group = grouped(async (units) => {
    if (units.reduce((sum, one) => sum + sizeOf(one), 0) > 10) throw tooLarge;
    seen.push(...units.map(sizeOf));
    return units.map(stored);
  });
  const sizes = [5, 6, 11, 1, 2, 3];
  const settledAll = await Promise.allSettled(sizes.map((size) => group.commit(unit(size))));
  expect(settledAll.map((one) => one.status === "rejected" && one.reason)).toEqual(
    sizes.map((size) => size === 11 && tooLarge),
  );
  expect(seen).toEqual([5, 6, 1, 2, 3]);
});

test("of units that are stored apart, those before one that fails otherwise are stored, and told so", async () => {
  const group = grouped(async (units) => {
    if (units.length > 1) throw new JobqError("PAYLOAD_TOO_LARGE", "more than the store takes");
    if (units[0]?.insert?.[0]?.payload.length === 3) throw DISK;
    return units.map(stored);
  });
  const settledAll = await Promise.allSettled([1, 2, 3].map((size) => group.commit(unit(size))));
  expect(settledAll.map((one) => (one.status === "fulfilled" ? "stored" : one.reason))).toEqual([
    "stored",
    "stored",
    DISK,
  ]);
});

test("a commit takes no further unit once its notes weigh as much", async () => {
  const { batches, group } = heldCommits();
  const noted = (): Unit => ({ now: NOW, note: [{ value: "x".repeat(4 * 1024 * 1024) } as never] });
  for (let turn = 0; turn < 2; turn++) void group.commit(noted());
  await settled();
  batches[0]?.end();
  await settled();
  expect(batches.map(({ units }) => units.length)).toEqual([1, 1]);
});

test("each unit gets its own outcome", async () => {
  const group = grouped(async (units) => units.map((_, index) => ({ ...stored(), removed: [`${index}`] })));
  const outcomes = await Promise.all([0, 1, 2].map(() => group.commit(unit())));
  expect(outcomes.map((one) => one.ok && one.removed[0])).toEqual(["0", "1", "2"]);
});

test("it is idle when nothing is under way, and not before", async () => {
  const { batches, group } = heldCommits();
  await group.idle();
  let idle = false;
  void group.commit(unit());
  void group.idle().then(() => {
    idle = true;
  });
  await settled();
  void group.commit(unit());
  batches[0]?.end();
  await settled();
  expect(idle).toBe(false);
  batches[1]?.end();
  await settled();
  expect(idle).toBe(true);
});

test("of ten thousand units asked for at every moment none is lost, stored twice or out of order", async () => {
  const seen: Unit[] = [];
  let flaky = 0;
  const group = grouped(async (units) => {
    if (flaky++ % 7 === 3) throw DISK;
    seen.push(...units);
    return units.map(stored);
  });
  const units = Array.from({ length: 10_000 }, () => unit());
  const kept: Unit[] = [];
  const all: Promise<unknown>[] = [];
  for (const [index, one] of units.entries()) {
    all.push(
      group.commit(one).then(
        () => kept.push(one),
        () => {},
      ),
    );
    for (let turns = index % 5; turns > 0; turns--) await undefined;
  }
  await Promise.all(all);
  const keptOnes = new Set(kept);
  expect(seen).toEqual(units.filter((one) => keptOnes.has(one)));
  expect(seen.length).toBe(kept.length);
});
