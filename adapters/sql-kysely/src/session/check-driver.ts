import { wrongType } from "@jobq/core";

/**
 * Checks what a program passes as an object of a driver or of Kysely: it is told now, not by the first call to the store.
 * @param method one that it has
 * @param form what it must be
 * @throws {TypeError} it has no such method
 */
export function checkDriver(given: unknown, method: string, what: string, form: string): void {
  const found = (given as Record<string, unknown> | null | undefined)?.[method];
  if (typeof found !== "function") throw wrongType(what, form, given);
}
