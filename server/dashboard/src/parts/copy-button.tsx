import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../state/app-context.ts";
import { Icon } from "./icon.tsx";

/** Copies a text. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const { notify } = useApp();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      notify("The browser does not allow copying here.", "bad");
    }
  };
  return (
    <button type="button" class="icon-button" aria-label={isCopied ? "Copied" : label} title={label} onClick={copy}>
      <Icon name={isCopied ? "check" : "copy"} />
    </button>
  );
}
