// Plays seeded histories over real stores until one breaks a promise.
// npm run soak -- [--seeds 10000] [--seed 1] [--steps 60] [--site "memory, kept"]
import { parseArgs } from "node:util";
import { SimulationFailure, simulate } from "@jobq/conformance/simulator";
import { sites } from "../conformance/test/simulator/sites.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "60" },
    site: { type: "string", multiple: true, default: Object.keys(sites) },
  },
});

const first = Number(values.seed);
const start = performance.now();
let calls = 0;
let faults = 0;
let deaths = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  for (const name of values.site) {
    const open = sites[name as keyof typeof sites];
    if (!open) throw new RangeError(`--site must be one of ${Object.keys(sites).join("; ")}, got ${name}`);
    try {
      const report = await simulate({ seed, open, steps: Number(values.steps) });
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
const histories = Number(values.seeds) * values.site.length;
console.log(
  `${histories} histories in ${seconds.toFixed(1)} s: ${calls} port calls, ${faults} faults, ${deaths} deaths`,
);
