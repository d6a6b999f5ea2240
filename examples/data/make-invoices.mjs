// Makes invoices.csv and customers.csv: the same bytes at every run, with the mess that exports of real systems have.
// Run: node examples/data/make-invoices.mjs
import { writeFileSync } from "node:fs";

const ROWS = 2400;

let seed = 20_260_101;
/** The next of a fixed sequence of whole numbers from 0 up to `below`. */
function pick(/** @type {number} */ below) {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}
/** @template T @param {readonly T[]} list @returns {T} */
const one = (list) => /** @type {T} */ (list[pick(list.length)]);
const pad = (/** @type {number} */ value, width = 2) => String(value).padStart(width, "0");

const FIRST = ["Amber", "Cedar", "Granite", "Harbour", "Juniper", "Lantern", "Meadow", "Northern", "Quarry", "Willow"];
const SECOND = [
  "Bakery",
  "Books",
  "Cycles",
  "Foods",
  "Glass",
  "Instruments",
  "Joinery",
  "Lighting",
  "Paper",
  "Textiles",
];
const FORMS = ["GmbH", "& Co.", "SARL", "Ltd.", ", Inc.", "B.V."];
const COUNTRIES = ["AT", "DE", "FR", "IE", "NL"];
const TIERS = ["gold", "silver", "silver", "bronze", "bronze", "bronze"];
const ITEMS = [
  "Paper, A4",
  "Repair",
  "Delivery",
  "Monthly fee",
  'Screen 27"',
  "Training, two days",
  "Spare parts",
  "Lease",
];

const customers = Array.from({ length: 100 }, (_, index) => ({
  id: `C-${pad(1001 + index, 4)}`,
  name: `${FIRST[index % 10]} ${SECOND[Math.floor(index / 10)]} ${one(FORMS)}`.replace(" ,", ","),
  country: one(COUNTRIES),
  tier: one(TIERS),
}));

/** A field as CSV has it. */
const field = (/** @type {string} */ text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const line = (/** @type {readonly string[]} */ fields) => `${fields.map(field).join(",")}\n`;

function amount(/** @type {boolean} */ credit) {
  const whole = 5 + pick(4000);
  const cents = pad(pick(100));
  const sign = credit ? "-" : "";
  const dotted = whole >= 1000 ? `${Math.floor(whole / 1000)}.${pad(whole % 1000, 3)}` : `${whole}`;
  switch (pick(12)) {
    case 0:
      return `${sign}${whole},${cents} €`;
    case 1:
      return `€ ${sign}${whole}.${cents}`;
    case 2:
      return `${sign}${dotted},${cents}`;
    case 3:
      return ` ${sign}${whole}.${cents} `;
    default:
      return `${sign}${whole}.${cents}`;
  }
}

function date() {
  const [month, day] = [1 + pick(12), 1 + pick(28)];
  switch (pick(6)) {
    case 0:
      return `${pad(day)}.${pad(month)}.2025`;
    case 1:
      return `${month}/${day}/2025`;
    default:
      return `2025-${pad(month)}-${pad(day)}`;
  }
}

function makeRow(/** @type {number} */ index) {
  const kind = one(["standard", "standard", "standard", "standard", "express", "credit note"]);
  const prefix = kind === "credit note" ? "CN" : "INV";
  return {
    number: `${prefix}-${pad(index + 1, 5)}`,
    kind: one([kind, kind, kind, kind, kind.toUpperCase(), ` ${kind} `, kind === "standard" ? "" : kind]),
    customer: one(customers).id,
    issued: date(),
    amount: amount(kind === "credit note"),
    item: one(ITEMS),
  };
}

/** @type {readonly ((row: ReturnType<typeof makeRow>) => Partial<ReturnType<typeof makeRow>>)[]} */
const SPOILERS = [
  () => ({ customer: `C-${9000 + pick(50)}` }),
  () => ({ customer: "" }),
  ({ customer }) => ({ customer: ` ${customer.toLowerCase()} ` }), // only untidy
  () => ({ amount: one(["n/a", "?", "see attachment", "12..5"]) }),
  () => ({ amount: "" }),
  ({ amount }) => ({ amount: amount.includes("-") ? amount.replace("-", "") : `-${amount.trim()}` }),
  () => ({ issued: one(["2025-02-30", "31.11.2025", "soon", ""]) }),
  () => ({ kind: one(["expres", "pro forma"]) }),
  () => ({ number: "" }),
  () => ({ item: "Two lines:\nparts and work" }), // only awkward
];

/** @type {ReturnType<typeof makeRow>[]} */
const rows = [];
for (let index = 0; rows.length < ROWS; index++) {
  const whole = makeRow(index);
  const next = pick(9) === 0 ? { ...whole, ...one(SPOILERS)(whole) } : whole;
  rows.push(next);
  const earlier = /** @type {ReturnType<typeof makeRow>} */ (rows[pick(rows.length)]);
  if (pick(40) === 0 && earlier.number !== "") {
    // Sent twice: the same once more, or the number used again for something else.
    rows.push(pick(2) === 0 ? { ...earlier } : { ...next, number: ` ${earlier.number}` });
  }
}

const header = ["number", "kind", "customer", "issued", "amount", "item"];
const text = rows.slice(0, ROWS).map(({ number, kind, customer, issued, amount, item }, index) => {
  const blank = index % 700 === 699 ? "\n" : "";
  return line([number, kind, customer, issued, amount, item]) + blank;
});
// A byte order mark, as spreadsheets write it.
writeFileSync(new URL("invoices.csv", import.meta.url), `\ufeff${line(header)}${text.join("")}`);
writeFileSync(
  new URL("customers.csv", import.meta.url),
  line(["id", "name", "country", "tier"]) +
    customers.map(({ id, name, country, tier }) => line([id, name, country, tier])).join(""),
);
