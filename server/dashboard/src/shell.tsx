import type { JSX } from "preact";
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "./api/api.ts";
import type { CallerForm } from "./api/caller.ts";
import type { LiveStatus } from "./api/live-events.ts";
import { ConfirmDialog } from "./parts/confirm-dialog.tsx";
import { type Toast, Toasts } from "./parts/toasts.tsx";
import { usePlace } from "./routing/location.ts";
import { PageAt } from "./routing/page-at.tsx";
import { Sidebar } from "./sidebar.tsx";
import { AppProvider, type Question } from "./state/app-context.ts";
import { useKeptFocus } from "./state/use-kept-focus.ts";

/** A question, and who waits for the answer. */
interface Asked {
  readonly question: Question;
  readonly answer: (isWanted: boolean) => void;
}

const TOAST_MS = 6000;

/** What is around every page: where one can go, what is asked, what one is told. */
export function Shell({
  api,
  caller,
  skewMs,
  leave,
}: {
  readonly api: Api;
  readonly caller: CallerForm;
  readonly skewMs: number;
  readonly leave: () => void;
}): JSX.Element {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  useKeptFocus(main);
  const [live, setLive] = useState<LiveStatus | undefined>();
  const [asked, setAsked] = useState<Asked | undefined>();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const nextId = useRef(0);

  const confirm = useCallback(
    (question: Question) => new Promise<boolean>((answer) => setAsked({ question, answer })),
    [],
  );
  const notify = useCallback((text: string, tone: Toast["tone"] = "good") => {
    nextId.current += 1;
    const toast = { id: nextId.current, text, tone };
    setToasts((before) => [...before.slice(-2), toast]);
    setTimeout(() => setToasts((before) => before.filter((one) => one !== toast)), TOAST_MS);
  }, []);
  const app = useMemo(
    () => ({ api, caller, skewMs, confirm, notify, setLive }),
    [api, caller, skewMs, confirm, notify],
  );
  const answer = (isWanted: boolean): void => {
    setAsked(undefined);
    asked?.answer(isWanted);
  };
  return (
    <AppProvider value={app}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <div class="shell">
        <Sidebar place={place} caller={caller} live={live} leave={leave} />
        <main ref={main} class="main" tabIndex={-1}>
          <PageAt place={place} />
        </main>
      </div>
      <Toasts toasts={toasts} />
      {asked && <ConfirmDialog question={asked.question} onAnswer={answer} />}
    </AppProvider>
  );
}
