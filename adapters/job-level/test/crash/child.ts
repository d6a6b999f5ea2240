// Works a queue until it is killed. Arguments: the pair, its directory, the first free business number, a seed.
import { writeSync } from "node:fs";
import { createService } from "@jobq/service";
import { Random } from "../../../../conformance/src/simulator/random.ts";
import { PAIRS, type PairName } from "./pairs.ts";
import type { Report } from "./report.ts";
import { consume, DEFAULTS, type Payload, produce, type Shop } from "./workers.ts";

const LEASE_MS = 250;
const PRODUCERS = 3;
const CONSUMERS = 3;

const [pair = "", path = "", first = "", seed = ""] = process.argv.slice(2);
// In one system call, so that what was reported is with the parent however soon the process dies.
const tell = (report: Report): void => void writeSync(1, `${JSON.stringify(report)}\n`);

tell({ op: "opening" });
const { jobs, topics } = PAIRS[pair as PairName](path);
const service = createService<Record<string, Payload>>({ jobs, topics, defaults: DEFAULTS });
service.on("error", ({ error, doing }) => tell({ op: "fault", text: `${doing}: ${error}` }));
const shop: Shop = { service, random: new Random(Number(seed)), tell, next: Number(first) };

async function forever(step: () => Promise<void>): Promise<void> {
  try {
    for (;;) await step();
  } catch (error) {
    tell({ op: "fault", text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

await Promise.all([
  ...Array.from({ length: PRODUCERS }, () => forever(() => produce(shop))),
  ...Array.from({ length: CONSUMERS }, () => forever(() => consume(shop, LEASE_MS))),
]);
