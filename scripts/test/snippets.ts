/** A program put together from the fenced blocks of a document. */
export interface Snippet {
  /** The document, from the root of the repository. */
  readonly document: string;
  /** The line of the first fence, counted from 1. */
  readonly line: number;
  /** Every line of code stands on the line that it has in the document, so that errors point there. */
  readonly code: string;
  /** What the document says that it prints; undefined where it is only type-checked. */
  readonly prints: string | undefined;
}

interface Block {
  readonly language: string;
  readonly word: string | undefined;
  readonly line: number;
  readonly lines: readonly string[];
}

const FENCE = /^```(\w+)(?: (\w+))?$/;

/**
 * The programs of a document: each block ` ```ts ` begins one, ` ```ts more ` goes on with the one before, and
 * ` ```ts run ` is one that prints exactly the ` ```text ` block that comes next. ` ```ts ignore ` is none.
 */
export function snippetsOf(document: string, markdown: string): Snippet[] {
  const snippets: { line: number; lines: string[]; prints: string | undefined; runs: boolean }[] = [];
  for (const { language, word, line, lines } of blocksOf(markdown)) {
    const last = snippets.at(-1);
    if (language === "text" && last?.runs && last.prints === undefined) last.prints = `${lines.join("\n")}\n`;
    if (language !== "ts" || word === "ignore") continue;
    if (word === "more" && last) {
      lay(last.lines, line, lines);
      continue;
    }
    if (word !== undefined && word !== "run") throw new Error(`${document}:${line} has a block "ts ${word}"`);
    const snippet = { line, lines: [] as string[], prints: undefined, runs: word === "run" };
    lay(snippet.lines, line, lines);
    snippets.push(snippet);
  }
  return snippets.map(({ line, lines, prints }) => ({ document, line, code: lines.join("\n"), prints }));
}

function lay(onto: string[], fence: number, lines: readonly string[]): void {
  while (onto.length < fence) onto.push("");
  onto.push(...lines);
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; word: string | undefined; line: number; lines: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = FENCE.exec(text);
    if (open && text === "```") {
      blocks.push(open);
      open = undefined;
    } else if (open) open.lines.push(text);
    else if (fence) open = { language: fence[1] as string, word: fence[2], line: index + 1, lines: [] };
  }
  if (open) throw new Error(`the block that begins on line ${open.line} has no end`);
  return blocks;
}
