import type { JSX } from "preact";
import type { WireState } from "../../../../src/wire/states.ts";
import { SHOWN_STATES, stateLabel, stateMeaning } from "../../format/job-state.ts";
import { Icon } from "../../parts/icon.tsx";
import { AGES, isUnfiltered, type JobListFilter } from "./job-filter.ts";

interface FilterBarProps {
  readonly filter: JobListFilter;
  /** Which states can be chosen. */
  readonly states?: readonly WireState[];
  readonly change: (filter: JobListFilter) => void;
}

/** Chooses which jobs are shown. */
export function FilterBar({ filter, states = SHOWN_STATES, change }: FilterBarProps): JSX.Element {
  const set = (part: Partial<JobListFilter>): void => change({ ...filter, cursor: "", ...part });
  const toggle = (state: WireState): void => {
    const without = filter.states.filter((one) => one !== state);
    set({ states: without.length < filter.states.length ? without : [...filter.states, state] });
  };
  return (
    <div class="filters">
      <fieldset class="chips">
        <legend class="visually-hidden">States</legend>
        {states.map((state) => (
          <button
            key={state}
            type="button"
            class={`chip state-${state}`}
            aria-pressed={filter.states.includes(state)}
            title={stateMeaning(state)}
            onClick={() => toggle(state)}
          >
            <span class="dot" aria-hidden="true" />
            {stateLabel(state)}
          </button>
        ))}
      </fieldset>
      <div class="filter-fields">
        <TextFilter label="Type" value={filter.type} set={(type) => set({ type })} />
        <TextFilter label="Topic" value={filter.topic} set={(topic) => set({ topic })} />
        <TagFilter tags={filter.tags} set={(tags) => set({ tags })} />
        {filter.group !== "" && <Chosen text={filter.group} kind="group" remove={() => set({ group: "" })} />}
        <label class="field">
          <span class="field-name">Created</span>
          <select class="input" value={filter.age} onChange={(event) => set({ age: event.currentTarget.value })}>
            {AGES.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {!isUnfiltered(filter) && (
          <button
            type="button"
            class="ghost-button"
            onClick={() => set({ states: [], type: "", topic: "", tags: [], group: "", age: "" })}
          >
            Clear
          </button>
        )}
      </div>
    </div>
  );
}

function TextFilter({
  label,
  value,
  set,
}: {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      <span class="field-name">{label}</span>
      <input
        class="input"
        value={value}
        maxLength={255}
        placeholder="Any"
        spellcheck={false}
        autoComplete="off"
        onChange={(event) => set(event.currentTarget.value.trim())}
        onKeyDown={(event) => event.key === "Enter" && set(event.currentTarget.value.trim())}
      />
    </label>
  );
}

function TagFilter({
  tags,
  set,
}: {
  readonly tags: readonly string[];
  readonly set: (tags: readonly string[]) => void;
}): JSX.Element {
  const add = (input: HTMLInputElement): void => {
    const tag = input.value.trim();
    const isTag = /^[^:]+:.+$/s.test(tag);
    input.setCustomValidity(tag === "" || isTag ? "" : "A tag is a name, a colon and a value, such as tenant:7.");
    if (!input.reportValidity() || tag === "") return;
    input.value = "";
    set([...new Set([...tags, tag])]);
  };
  return (
    <div class="field">
      <label class="field-name" for="tag-filter">
        Tag
      </label>
      <input
        id="tag-filter"
        class="input"
        maxLength={511}
        placeholder="name:value"
        spellcheck={false}
        autoComplete="off"
        onInput={(event) => event.currentTarget.setCustomValidity("")}
        onChange={(event) => add(event.currentTarget)}
      />
      {tags.map((tag) => (
        <Chosen key={tag} text={tag} kind="tag" remove={() => set(tags.filter((one) => one !== tag))} />
      ))}
    </div>
  );
}

/** Part of a filter, which a click takes away. */
function Chosen({
  text,
  kind,
  remove,
}: {
  readonly text: string;
  readonly kind: string;
  readonly remove: () => void;
}): JSX.Element {
  return (
    <button type="button" class="tag tag-removable" aria-label={`Without the ${kind} ${text}`} onClick={remove}>
      {text}
      <Icon name="close" />
    </button>
  );
}
