// Plays seeded histories over real stores until one breaks a promise.
// npm run soak -- [--seeds 10000] [--seed 1] [--steps 60] [--site "memory, kept"]
import { parseArgs } from "node:util";
import { SimulationFailure, simulate } from "@jobq/conformance/simulator";
import { sites } from "../conformance/test/simulator/sites.ts";
import { commandLine, oneOf, wholeNumber } from "./arguments.mjs";

const names = Object.keys(sites) as (keyof typeof sites)[];
const { chosen, first, seeds, steps } = commandLine(() => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      steps: { type: "string", default: "60" },
      site: { type: "string", multiple: true, default: names },
    },
  });
  return {
    chosen: values.site.map((site) => oneOf("--site", names, site)),
    first: wholeNumber("--seed", values.seed),
    seeds: wholeNumber("--seeds", values.seeds),
    steps: wholeNumber("--steps", values.steps),
  };
});
const start = performance.now();
let calls = 0;
let faults = 0;
let deaths = 0;
for (let seed = first; seed < first + seeds; seed++) {
  for (const name of chosen) {
    try {
      const report = await simulate({ seed, open: sites[name], steps });
      calls += report.calls;
      faults += report.faults;
      deaths += report.deaths;
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error;
      console.error(`${name}: ${error.message}\n${error.trace.join("\n")}`);
      process.exitCode = 1;
    }
  }
}
const seconds = (performance.now() - start) / 1000;
const histories = seeds * chosen.length;
console.log(
  `${histories} histories in ${seconds.toFixed(1)} s: ${calls} port calls, ${faults} faults, ${deaths} deaths`,
);
