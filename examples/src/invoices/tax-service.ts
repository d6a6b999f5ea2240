import { setTimeout } from "node:timers/promises";
import type { Invoice } from "./invoice.ts";

/** The service did not answer this time. */
export class TaxServiceDown extends Error {
  override readonly name = "TaxServiceDown";
}

/** Percent by country. */
const RATES: Readonly<Record<string, number>> = { AT: 20, DE: 19, FR: 20, IE: 23, NL: 21 };

/**
 * Stands for a service in the network: it takes some milliseconds, fails for one invoice in eleven at the first
 * attempt or two, and for a few of them always. Which ones depends on the number alone, so that every run is the same.
 * @returns the tax in cents
 * @throws {TaxServiceDown}
 */
export async function taxOn(invoice: Invoice, attempt: number): Promise<number> {
  const luck = hash(invoice.number);
  await setTimeout(6 + (luck % 12));
  const failures = luck % 250 === 0 ? Number.POSITIVE_INFINITY : luck % 11 === 0 ? 1 + (luck % 2) : 0;
  if (attempt <= failures) throw new TaxServiceDown(`the tax service did not answer for ${invoice.number}`);
  return Math.round((invoice.net * (RATES[invoice.customer.country] ?? 0)) / 100);
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 2_166_136_261;
  for (const character of text) sum = Math.imul(sum ^ character.charCodeAt(0), 16_777_619) >>> 0;
  return sum;
}
