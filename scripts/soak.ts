// Plays seeded histories over real stores, of services and of their workers, and prints those that break a promise.
// npm run soak -- [--seeds 10000] [--seed 1] [--steps 60] [--site "memory, kept"] [--play workers]
import { parseArgs } from "node:util";
import { SimulationFailure, simulate } from "@jobq/conformance/simulator";
import { sites } from "../conformance/test/simulator/sites.ts";
import { BrokenPromise, playWorkers } from "../service/test/worker-histories/play.ts";
import { commandLine, oneOf, wholeNumber } from "./arguments.mjs";

const PLAYS = { services: simulate, workers: playWorkers };

const names = Object.keys(sites) as (keyof typeof sites)[];
const plays = Object.keys(PLAYS) as (keyof typeof PLAYS)[];
const { chosen, played, first, seeds, steps } = commandLine(() => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      steps: { type: "string", default: "60" },
      site: { type: "string", multiple: true, default: names },
      play: { type: "string", multiple: true, default: plays },
    },
  });
  return {
    chosen: values.site.map((site) => oneOf("--site", names, site)),
    played: values.play.map((play) => oneOf("--play", plays, play)),
    first: wholeNumber("--seed", values.seed),
    seeds: wholeNumber("--seeds", values.seeds),
    steps: wholeNumber("--steps", values.steps),
  };
});
const start = performance.now();
let calls = 0;
let faults = 0;
let deaths = 0;

async function playOne(play: keyof typeof PLAYS, site: keyof typeof sites, seed: number): Promise<void> {
  try {
    const report = await PLAYS[play]({ seed, open: sites[site], steps });
    calls += report.calls;
    faults += report.faults;
    deaths += report.deaths;
  } catch (error) {
    if (!(error instanceof SimulationFailure || error instanceof BrokenPromise)) throw error;
    console.error(`${play} over ${site}: ${error.message}\n${error.trace.join("\n")}`);
    process.exitCode = 1;
  }
}

for (let seed = first; seed < first + seeds; seed++) {
  for (const site of chosen) for (const play of played) await playOne(play, site, seed);
}
const seconds = (performance.now() - start) / 1000;
const histories = seeds * chosen.length * played.length;
console.log(
  `${histories} histories in ${seconds.toFixed(1)} s: ${calls} port calls, ${faults} faults, ${deaths} deaths`,
);
