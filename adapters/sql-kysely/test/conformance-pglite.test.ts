import { conformsOn } from "./conformance.ts";
import { pglite } from "./databases.ts";

await conformsOn(pglite);
