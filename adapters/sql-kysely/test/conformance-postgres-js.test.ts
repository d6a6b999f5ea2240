import { conformsOn } from "./conformance.ts";
import { postgresJs } from "./databases.ts";

await conformsOn(postgresJs);
