import type { Job } from "@jobq/core";
import { Heap } from "./heap.ts";
import { PlaceQueue } from "./place-queue.ts";

type ReadyItem = Pick<Job, "id" | "weight" | "state">;

/** The items of one weight. */
interface Lane<I> {
  readonly weight: number;
  readonly places: PlaceQueue<I>;
}

/** The ready items of one topic, lowest weight first, then by id: a heap of lanes, one per weight in use. */
export class ReadyQueue<I extends ReadyItem> {
  readonly #lanes = new Map<number, Lane<I>>();
  readonly #order = new Heap<Lane<I>>((a, b) => a.weight < b.weight);

  push(item: I): void {
    const { weight } = item;
    let lane = this.#lanes.get(weight);
    if (!lane) {
      const isReady = ({ state }: I): boolean => state === "ready";
      lane = { weight, places: new PlaceQueue((a, b) => a.id < b.id, isReady) };
      this.#lanes.set(weight, lane);
      this.#order.push(lane);
    }
    lane.places.push(item);
  }

  /** The first one that is still ready. */
  first(): I | undefined {
    for (let lane = this.#order.peek(); lane; lane = this.#order.peek()) {
      const first = lane.places.first();
      if (first) return first;
      this.#order.pop();
      this.#lanes.delete(lane.weight);
    }
    return undefined;
  }

  /** Drops those that are not ready any more. */
  sweep(): void {
    for (const { places } of this.#lanes.values()) places.sweep();
  }
}
