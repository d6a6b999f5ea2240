import { numberText } from "./number-text.ts";
import type { Style } from "./printer.ts";

/** What stands in a table: a number to the right, text to the left, either of them perhaps set off. */
export type Cell = string | number | undefined | StyledCell;

/** Text that is set off. */
export interface StyledCell {
  readonly text: string;
  readonly style: Style;
}

/** How to lay a table out. */
export interface TableLayout {
  /** The longest that a line may be; undefined for any length. */
  readonly width: number | undefined;
  readonly style: (text: string, style: Style) => string;
}

const GAP = "  ";
const LEAST_WIDTH = 8;

/** Lines of columns under a header. Where they do not fit, the widest columns of text are cut off. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width, style }: TableLayout,
): string {
  const isNumber = header.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const texts = rows.map((row) => header.map((_, column) => plain(textOf(row[column]))));
  const widths = header.map((name, column) =>
    Math.max(name.length, ...texts.map((row) => lengthOf(row[column] ?? ""))),
  );
  if (width !== undefined) shrink(widths, isNumber, width);
  const lay = (text: string, column: number): string => {
    const room = widths[column] as number;
    const cut = lengthOf(text) > room ? `${[...text].slice(0, room - 1).join("")}…` : text;
    const space = " ".repeat(room - lengthOf(cut));
    return isNumber[column] ? space + cut : cut + space;
  };
  const lines = texts.map((row, at) =>
    row.map((text, column) => {
      const cell = rows[at]?.[column];
      const laid = lay(text, column);
      return typeof cell === "object" ? style(laid, cell.style) : laid;
    }),
  );
  const head = header.map((name, column) => style(lay(name.toUpperCase(), column), "dim"));
  return [head, ...lines].map((line) => line.join(GAP).trimEnd()).join("\n");
}

function shrink(widths: number[], isNumber: readonly boolean[], width: number): void {
  const total = (): number => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
  while (total() > width) {
    const texts = widths.map((one, column) => (isNumber[column] ? 0 : one));
    const widest = texts.indexOf(Math.max(...texts));
    if ((widths[widest] as number) <= LEAST_WIDTH) return;
    widths[widest] = Math.max(LEAST_WIDTH, (widths[widest] as number) - (total() - width));
  }
}

function textOf(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return numberText(cell);
  return typeof cell === "string" ? cell : cell.text;
}

/** What others wrote must not steer the terminal, nor break lines. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}

function lengthOf(text: string): number {
  return [...text].length;
}
