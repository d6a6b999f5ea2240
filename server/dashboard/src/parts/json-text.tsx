import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CodeText } from "./code-text.tsx";
import { CopyButton } from "./copy-button.tsx";

/** How much is drawn at first: a payload may be megabytes. */
const SHOWN = 20_000;

/** A value as indented JSON. It is text, whatever is in it. */
export function JsonText({ value, label }: { readonly value: unknown; readonly label: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const text = JSON.stringify(value, undefined, 2) ?? "undefined";
  return (
    <div class="json">
      <CodeText text={isWhole ? text : text.slice(0, SHOWN)} label={label} />
      <CopyButton text={text} label={`Copy: ${label}`} />
      {!isWhole && text.length > SHOWN && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString()} characters
        </button>
      )}
    </div>
  );
}
