/**
 * The canonical form of a state of the published protocol: one for all states that the protocol cannot tell apart. It
 * asks of a counter whether two copies are equal, and adds one; so counts are renumbered. RTC memory is left out: it
 * holds what the cloud was told, which has no part in who acts.
 */
import { type ClusterMap, formatMap, isBlank, parseMap } from "../protocol/article/map.ts";
import { COLD_START } from "../protocol/article/wake.ts";
import { closeGaps } from "./close-gaps.ts";
import { CHIP, MODE, NODE } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun } from "./local-runs.ts";
import type { Model } from "./model.ts";

const COLUMNS = 4;

/**
 * Replaces a state of the published protocol by its canonical form. The file's header says what is left out.
 */
export class ArticleCanonical {
  readonly #model: Model;
  readonly #maps = new Map<number, ClusterMap | undefined>();
  readonly #cold: number;

  constructor(model: Model) {
    this.#model = model;
    this.#cold = model.runs.memory(COLD_START);
  }

  /** Replaces `state` by its canonical form, in place. */
  canonicalize(state: Int32Array): void {
    const { layout, runs } = this.#model;
    const renumbering = this.#renumbering(state);
    const content = (id: number): number => this.#content(id, renumbering);
    for (let chip = 0; chip < layout.chips; chip++) {
      const at = layout.chip(chip, CHIP.content);
      state[at] = content(state[at]!);
    }
    for (let node = 0; node < layout.nodes; node++) {
      const ref = layout.node(node, NODE.ref);
      // The published protocol makes no use of the number of boots.
      state[layout.node(node, NODE.boot)] = 0;
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.period) state[ref] = this.#cold;
      if (mode !== MODE.awake) continue;
      const run = runs.runs.get(state[ref]!) as LocalRun;
      const replies = run.replies.map((reply) =>
        reply < FIRST_CONTENT ? reply : content(reply - FIRST_CONTENT) + FIRST_CONTENT,
      );
      state[ref] = runs.run({ ...run, boot: 0, memory: this.#cold, replies });
    }
  }

  /** By column: the new number of each count that is anywhere in the state. */
  #renumbering(state: Int32Array): readonly ReadonlyMap<number, number>[] {
    const { layout, runs } = this.#model;
    const counts = Array.from({ length: COLUMNS }, () => new Set<number>());
    const mention = (content: number): void => {
      for (const row of this.#map(content)?.counters ?? [])
        for (let column = 0; column < COLUMNS; column++) counts[column]!.add(row[column]!);
    };
    for (let chip = 0; chip < layout.chips; chip++) mention(state[layout.chip(chip, CHIP.content)]!);
    for (let node = 0; node < layout.nodes; node++) {
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      for (const reply of (runs.runs.get(state[layout.node(node, NODE.ref)]!) as LocalRun).replies)
        if (reply >= FIRST_CONTENT) mention(reply - FIRST_CONTENT);
    }
    return counts.map((values) => closeGaps([...values].sort((x, y) => x - y)));
  }

  #content(id: number, renumbering: readonly ReadonlyMap<number, number>[]): number {
    const map = this.#map(id);
    if (map === undefined) return id;
    const counters = map.counters.map((row) => row.map((count, column) => renumbering[column]!.get(count)!));
    return this.#model.runs.content(formatMap({ ...map, counters }));
  }

  #map(id: number): ClusterMap | undefined {
    if (!this.#maps.has(id)) {
      const bytes = this.#model.runs.contents.get(id);
      this.#maps.set(id, isBlank(bytes) ? undefined : parseMap(bytes, this.#model.layout.nodes));
    }
    return this.#maps.get(id);
  }
}
