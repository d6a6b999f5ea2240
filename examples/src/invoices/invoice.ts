/** A row of invoices.csv as it came. */
export interface Row {
  readonly number: string;
  readonly kind: string;
  readonly customer: string;
  readonly issued: string;
  readonly amount: string;
  readonly item: string;
}

/** A row of customers.csv. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly tier: string;
}

/** What a row means, once it has been understood. */
export interface Invoice {
  readonly number: string;
  readonly customer: Customer;
  readonly item: string;
  /** As YYYY-MM-DD. */
  readonly issued: string;
  /** Cents; less than 0 on a credit note. */
  readonly net: number;
}

/** The row will never become an invoice, however often it is tried; the message says why. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/** The topics, and the words in the file that lead to each. */
export const KINDS = { standard: ["standard", ""], express: ["express"], credits: ["credit note"] } as const;
export type Kind = keyof typeof KINDS;

/** The topic of a row; a word that nobody knows goes to `standard`, whose worker turns it away. */
export function kindOf(row: Row): Kind {
  const word = row.kind.toLowerCase();
  const kinds = Object.keys(KINDS) as Kind[];
  return kinds.find((kind) => (KINDS[kind] as readonly string[]).includes(word)) ?? "standard";
}

/** The customers by id. */
export type Customers = ReadonlyMap<string, Customer>;

/** The customer that a row names, however it is spelled. */
export function customerOf(row: Row, customers: Customers): Customer | undefined {
  return customers.get(row.customer.toUpperCase());
}

/**
 * Makes sense of a row.
 * @throws {Hopeless} there is none
 */
export function readInvoice(row: Row, kind: Kind, customers: Customers): Invoice {
  if (!(KINDS[kind] as readonly string[]).includes(row.kind.toLowerCase())) throw new Hopeless("unknown kind");
  if (row.number === "") throw new Hopeless("no invoice number");
  if (row.customer === "") throw new Hopeless("no customer");
  const customer = customerOf(row, customers);
  if (!customer) throw new Hopeless("unknown customer");
  const net = readCents(row.amount);
  if (net === undefined) throw new Hopeless(row.amount === "" ? "no amount" : "unreadable amount");
  if (net < 0 !== (kind === "credits")) throw new Hopeless("amount with the wrong sign");
  const issued = readDate(row.issued);
  if (issued === undefined) throw new Hopeless(row.issued === "" ? "no date" : "impossible date");
  return { number: row.number, customer, item: row.item.replaceAll("\n", " "), issued, net };
}

/** `1234.5`, `12,50 €`, `€ 1.234,50` in cents. */
function readCents(text: string): number | undefined {
  const bare = text.replaceAll(/[€\s]/g, "");
  const match = /^(-?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))$/.exec(bare) ?? /^(-?)(\d+)\.(\d{2})$/.exec(bare);
  if (!match) return undefined;
  const [, sign, whole = "", cents = ""] = match;
  return Number(`${sign}${whole.replaceAll(".", "")}${cents}`);
}

/** `2025-12-31`, `31.12.2025`, `12/31/2025` as the first of them. */
function readDate(text: string): string | undefined {
  const [year, month, day] =
    /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1) ??
    /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)?.slice(1).reverse() ??
    /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/
      .exec(text)
      ?.slice(1)
      .map((_, at, all) => all[(at + 2) % 3] as string) ??
    [];
  const date = `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
  const instant = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date) ? date : undefined;
}
