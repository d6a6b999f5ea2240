import { defineConfig } from "tsup";
import base from "../tsup.base.ts";

/** As all packages, but that the subpath for Node may name Node's types. */
export default defineConfig({ ...base, dts: { compilerOptions: { ignoreDeprecations: "6.0", types: ["node"] } } });
