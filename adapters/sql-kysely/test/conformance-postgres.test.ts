import { conformsOn } from "./conformance.ts";
import { postgres } from "./databases.ts";

await conformsOn(postgres);
