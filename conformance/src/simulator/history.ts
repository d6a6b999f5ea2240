import { Author } from "./author.ts";
import { endWell } from "./ending.ts";
import { perform } from "./perform.ts";
import { mixed, Random } from "./random.ts";
import type { Step } from "./script.ts";
import { connectTo, openSite, type Site } from "./site.ts";
import type { Violation } from "./violation.ts";
import { World } from "./world.ts";

/** What one history came to. */
export interface History {
  readonly steps: readonly Step[];
  /** The first promise that was broken, if one was. */
  readonly violation: Violation | undefined;
  /** Every port call in the order they ran, each with what went wrong with it. */
  readonly trace: readonly string[];
  readonly calls: number;
  readonly faults: number;
  readonly deaths: number;
  readonly jobs: number;
}

/** Plays a script, or as many steps of a new one, on a new site, and ends well. The seed decides everything. */
export async function play(
  seed: number,
  open: () => Site | Promise<Site>,
  script: number | readonly Step[],
): Promise<History> {
  const site = await openSite(open);
  try {
    const random = new Random(seed);
    const processes = random.between(1, site.processes ?? 1);
    const world = new World(seed, site, await connectTo(site), processes > 1);
    const steps = await playOn(world, random, processes, script);
    const { auditor, switchboard, trace, deaths } = world;
    if (!auditor.violation) await endWell(world, new Random(mixed(seed, 1_000_000)));
    const { calls, faults } = switchboard;
    for (const { gate } of world.processes) world.vacate(gate);
    return { steps, violation: auditor.violation, trace, calls, faults, deaths, jobs: auditor.known.size };
  } finally {
    await site.dispose?.();
  }
}

async function playOn(
  world: World,
  random: Random,
  processes: number,
  script: number | readonly Step[],
): Promise<Step[]> {
  const steps: Step[] = [];
  const author = typeof script === "number" ? new Author(random, world, processes) : undefined;
  const count = typeof script === "number" ? script : script.length;
  for (let index = 0; index < count && !world.auditor.violation; index++) {
    const step = author ? author.step() : ((script as readonly Step[])[index] as Step);
    world.trace.push(`-- ${step.number}`);
    steps.push(step);
    await perform(world, step);
    if (step.rounds === undefined) await world.auditor.checkTally();
  }
  return steps;
}
