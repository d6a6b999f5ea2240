import { conformsOn } from "./conformance.ts";
import { sqlite } from "./databases.ts";

await conformsOn(sqlite);
