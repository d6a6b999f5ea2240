import type { Topic, TopicInfo } from "@jobq/core";
import type { SqlSession } from "../session/sql-session.ts";
import { fromText, toText } from "../statement/text.ts";
import { type PauseStatements, pauseStatements } from "./topic-statements.ts";

/** Which topics are paused. */
export class TopicPauses {
  readonly #session: SqlSession;
  readonly #statements: PauseStatements;

  constructor(session: SqlSession) {
    this.#session = session;
    this.#statements = pauseStatements(session.layout);
  }

  async set(topic: Topic, paused: boolean): Promise<void> {
    const { pause, resume } = this.#statements;
    await this.#session.write(paused ? pause : resume, { topic: toText(topic) });
  }

  /** The topics of which something is counted, and the paused ones. */
  async describe(counts: Iterable<readonly [Topic, { ready: number; delayed: number }]>): Promise<TopicInfo[]> {
    const paused = new Set(
      (await this.#session.run(this.#statements.paused)).map((row) => fromText(row.topic as string)),
    );
    const infos = new Map<Topic, TopicInfo>();
    for (const topic of paused) infos.set(topic, { topic, ready: 0, delayed: 0, paused: true });
    for (const [topic, sizes] of counts) {
      if (sizes.ready + sizes.delayed > 0) infos.set(topic, { topic, ...sizes, paused: paused.has(topic) });
    }
    return [...infos.values()];
  }
}
