import { conformsOn } from "./conformance.ts";
import { betterSqlite } from "./databases.ts";

await conformsOn(betterSqlite);
