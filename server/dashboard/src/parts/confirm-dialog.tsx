import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Question } from "../state/app-context.ts";

/** Asks before something is done. Escape means no, and so does going to another page: the question was this one's. */
export function ConfirmDialog({
  question,
  onAnswer,
}: {
  readonly question: Question;
  readonly onAnswer: (isWanted: boolean) => void;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  useEffect(() => {
    const left = (): void => answer(false);
    addEventListener("hashchange", left);
    return () => removeEventListener("hashchange", left);
  });
  const answer = (isWanted: boolean): void => {
    ref.current?.close(); // gives the focus back to where it was
    onAnswer(isWanted);
  };
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <div class="dialog-body">
        <h2 id="confirm-title">{question.title}</h2>
        <p id="confirm-text">{question.text}</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => answer(false)}>
            Keep as it is
          </button>
          <button
            type="button"
            class={question.isDangerous ? "button danger" : "button primary"}
            onClick={() => answer(true)}
          >
            {question.action}
          </button>
        </div>
      </div>
    </dialog>
  );
}
