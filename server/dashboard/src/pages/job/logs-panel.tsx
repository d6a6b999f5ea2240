import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { clockText, instantText } from "../../format/time.ts";
import { Panel } from "../../parts/panel.tsx";
import type { LogForm } from "./job-details.ts";

/** How many of the latest lines are drawn at first. */
const SHOWN = 500;

/** What its holders logged. */
export function LogsPanel({ logs }: { readonly logs: readonly LogForm[] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const hidden = isWhole ? 0 : Math.max(0, logs.length - SHOWN);
  return (
    <Panel title="Logs" actions={logs.length > 0 && <span class="muted">{logs.length} lines</span>}>
      {logs.length === 0 && (
        <p class="muted">
          No lines. A handler writes them with <code>ctx.log</code>.
        </p>
      )}
      {hidden > 0 && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show the {hidden.toLocaleString()} lines before these
        </button>
      )}
      {logs.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <ol class="logs" aria-label="Lines" tabIndex={0}>
          {logs.slice(hidden).map(({ at, line }, index) => (
            <li key={hidden + index} class="log-line">
              <time dateTime={at} title={instantText(Date.parse(at))}>
                {clockText(Date.parse(at))}
              </time>
              <span class="pre break">{line}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
