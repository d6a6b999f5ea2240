import { Cron } from "croner";

/**
 * An expression in a zone, as croner reads it. A time that has no star and no step is fixed, as in Vixie cron: a day
 * that leaves it out has it after the gap, and one that has it twice has it once.
 * @throws {TypeError | RangeError} what croner says of a wrong expression
 */
export function cronPattern(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
}
