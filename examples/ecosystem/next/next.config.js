import { fileURLToPath } from "node:url";

// The packages are linked from this repository, above the app; yours are in its own node_modules, and need none of this.
const root = fileURLToPath(new URL("../../../", import.meta.url));
export default { turbopack: { root }, outputFileTracingRoot: root };
