import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Asks for an API key. */
export function LoginPage({
  fault,
  enter,
}: {
  /** What is wrong with the key that was given. */
  readonly fault: string | undefined;
  readonly enter: (key: string) => void;
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · jobq";
    input.current?.focus();
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? "";
    if (/^[\x21-\x7e]+$/.test(key)) enter(key);
  };
  return (
    <main class="lonely">
      <form class="login" onSubmit={submit}>
        <h1 class="brand">jobq</h1>
        <label for="key">API key</label>
        <input
          ref={input}
          id="key"
          class="input"
          type="password"
          autoComplete="off"
          required
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? "key-fault key-help" : "key-help"}
        />
        {fault && (
          <p id="key-fault" class="login-fault" role="alert">
            {fault}
          </p>
        )}
        <p id="key-help" class="muted">
          It stays in this tab until you close it. A key of the role viewer can look at everything, an operator can
          retry and cancel jobs, an admin can delete them.
        </p>
        <button type="submit" class="button primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
