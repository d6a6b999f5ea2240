import { conformsOn } from "./conformance.ts";
import { nodeSqlite } from "./databases.ts";

await conformsOn(nodeSqlite);
