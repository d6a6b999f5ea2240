import type { Engine } from "./engine.ts";

/** Which engine is behind which service: how modules find it, and nobody else. */
const engines = new WeakMap<object, Engine>();

/** Remembers the engine of a service. */
export function keepEngine(service: object, engine: Engine): void {
  engines.set(service, engine);
}

/** @throws {TypeError} not a service, or one that another copy of this package made */
export function engineOf(service: object): Engine {
  const engine = engines.get(service);
  if (engine) return engine;
  throw new TypeError("service must be made by createService of this copy of @jobq/service");
}
