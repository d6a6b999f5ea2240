/**
 * Reads CSV with a header line (RFC 4180: quoted fields, doubled quotes, line breaks within quotes) into one record
 * per row. Skips blank lines and a byte order mark; trims every field; a field that is missing is "".
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = fields(text.replace(/^\ufeff/, ""));
  return rows
    .filter((row) => row.some((field) => field !== ""))
    .map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

/** One line of CSV. */
export function csvLine(values: readonly (string | number)[]): string {
  return `${values.map((value) => quoted(String(value))).join(",")}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function fields(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A field, quoted or not, and what ends it.
  for (const [, inner, plain = "", end] of text.matchAll(/(?:[ \t]*"((?:[^"]|"")*)"[ \t]*|([^,\r\n]*))(,|\r?\n|$)/g)) {
    row.push((inner?.replaceAll('""', '"') ?? plain).trim());
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
