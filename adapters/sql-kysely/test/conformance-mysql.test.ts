import { conformsOn } from "./conformance.ts";
import { mysql } from "./databases.ts";

await conformsOn(mysql);
