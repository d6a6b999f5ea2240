import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiFault } from "../../api/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { goTo } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { searchJobs } from "./search-jobs.ts";

/** Names are not longer than this. */
const LONGEST = 255;

/** Finds jobs by whatever one knows of them. */
export function JobSearch(): JSX.Element {
  const { api } = useApp();
  const [missed, setMissed] = useState("");
  const [isBusy, setBusy] = useState(false);
  const search = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get("text")).trim();
    if (text === "" || isBusy) return;
    setBusy(true);
    try {
      const href = await searchJobs(api, text);
      setMissed(href ? "" : `No job has the id, unique key, tag, type or topic “${text}”.`);
      if (href) goTo(href);
    } catch (error) {
      setMissed((error as ApiFault).message);
    }
    setBusy(false);
  };
  return (
    <search class="search">
      <form onSubmit={search}>
        <label class="search-box">
          <Icon name="search" />
          <span class="visually-hidden">Find jobs by id, unique key, tag, type or topic</span>
          <input
            name="text"
            type="search"
            class="input"
            maxLength={LONGEST}
            placeholder="Id, unique key, tag:value, type or topic"
            autoComplete="off"
            spellcheck={false}
            aria-describedby="search-missed"
          />
        </label>
        <p id="search-missed" class="search-missed" role="status">
          {missed}
        </p>
      </form>
    </search>
  );
}
