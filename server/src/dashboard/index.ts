export { dashboard } from "./dashboard.ts";
