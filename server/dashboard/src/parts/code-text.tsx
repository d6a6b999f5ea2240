import type { JSX } from "preact";

/** Text as it is, line by line, in a box that scrolls where it is long. */
export function CodeText({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    // biome-ignore lint/a11y/useSemanticElements: no set of fields, and not as much as a section, of which there are many
    <div class="code" role="group" aria-label={label} tabIndex={0}>
      <pre class="code-text">{text}</pre>
    </div>
  );
}
