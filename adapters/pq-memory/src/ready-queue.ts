import { Heap } from "./heap.ts";
import { type Place, PlaceQueue } from "./place-queue.ts";

/** The places of one weight. */
interface Lane {
  readonly weight: number;
  readonly places: PlaceQueue;
}

/** The ready entries of one topic, lowest weight first, then by id: a heap of lanes, one per weight in use. */
export class ReadyQueue {
  readonly #lanes = new Map<number, Lane>();
  readonly #order = new Heap<Lane>((a, b) => a.weight < b.weight);

  push(place: Place): void {
    const { weight } = place;
    let lane = this.#lanes.get(weight);
    if (!lane) {
      lane = { weight, places: new PlaceQueue((a, b) => a.id < b.id) };
      this.#lanes.set(weight, lane);
      this.#order.push(lane);
    }
    lane.places.push(place);
  }

  /** The place that comes first. */
  peek(): Place | undefined {
    for (let lane = this.#order.peek(); lane; lane = this.#order.peek()) {
      const first = lane.places.peek();
      if (first) return first;
      this.#order.pop();
      this.#lanes.delete(lane.weight);
    }
    return undefined;
  }

  /** Takes a place that was pushed here, and not removed yet, out. */
  remove(place: Place): void {
    this.#lanes.get(place.weight)?.places.remove(place);
  }
}
