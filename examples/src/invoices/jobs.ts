import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NoRetry } from "@jobq/service/retry";
import { defineJob, type JobDefinition } from "@jobq/service/worker";
import { csvLine, parseCsv } from "./csv.ts";
import { euros } from "./display.ts";
import {
  type Customer,
  type Customers,
  Hopeless,
  type Invoice,
  KINDS,
  type Kind,
  type Row,
  readInvoice,
} from "./invoice.ts";
import { taxOn } from "./tax-service.ts";

/** The result of an invoice, in cents, with its line of the ledger. */
export interface Billed {
  readonly net: number;
  readonly tax: number;
  readonly line: string;
}

/** What a killed run had in hand comes back when it has passed; a worker renews it. */
export const LEASE = "2s";

/** The customers of `examples/data`. */
export async function readCustomers(): Promise<Customers> {
  const text = await readFile(new URL("../../data/customers.csv", import.meta.url), "utf8");
  return new Map(parseCsv(text).map((row) => [row.id as string, row as unknown as Customer]));
}

/** The kinds of jobs there are, one for each topic; each may be run twice, by one that was killed and by the next. */
export function invoiceJobs(folder: string, customers: Customers): readonly JobDefinition<Row, Billed>[] {
  const invoices = join(folder, "invoices");
  return (Object.keys(KINDS) as Kind[]).map((kind) =>
    defineJob(kind, {
      // What it throws, such as that the tax service is down, is tried again by the policy of the job.
      run: (row: Row, { attempt }) => bill(understood(row, kind, customers), attempt, invoices),
    }),
  );
}

/** @throws {NoRetry} the row will never become an invoice */
function understood(row: Row, kind: Kind, customers: Customers): Invoice {
  try {
    return readInvoice(row, kind, customers);
  } catch (error) {
    throw error instanceof Hopeless ? new NoRetry(error.message) : error;
  }
}

/** Writes the invoice to its own file: whole or not at all, and once, however often it is written. */
async function bill(invoice: Invoice, attempt: number, folder: string): Promise<Billed> {
  const { number, issued, customer, item, net } = invoice;
  const tax = await taxOn(invoice, attempt);
  const text = [
    `${net < 0 ? "Credit note" : "Invoice"} ${number}, ${issued}`,
    `To: ${customer.name} (${customer.country})`,
    `${item}: ${euros(net)} + tax ${euros(tax)} = EUR ${euros(net + tax)}`,
  ];
  const path = join(folder, `${number}.txt`);
  await writeFile(`${path}.part`, `${text.join("\n")}\n`, { flush: true });
  await rename(`${path}.part`, path);
  return { net, tax, line: csvLine([number, issued, customer.name, euros(net), euros(tax), euros(net + tax)]) };
}
