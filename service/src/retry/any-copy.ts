/**
 * What `instanceof` says of a class that may be there in several copies, as where a command that is installed globally
 * loads a project's own: true for the instances of each copy, which carry the class's mark. A subclass is only itself.
 */
export function isOfAnyCopy(asked: unknown, type: unknown, mark: symbol, value: unknown): boolean {
  if (asked !== type) return Function.prototype[Symbol.hasInstance].call(asked, value);
  return typeof value === "object" && value !== null && mark in value;
}
