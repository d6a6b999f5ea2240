// A process of a fleet: says when it is ready, drains when told to, and says how many jobs it had.
import { drain } from "./measure.mjs";
import { openPgService } from "./postgres.mjs";

const { svc, close } = await openPgService(process.argv[2]);
process.once("message", async () => {
  const count = await drain(svc);
  await close();
  process.send(count, () => process.exit(0));
});
await svc.tally();
process.send("ready");
