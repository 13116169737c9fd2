/** The published protocol behind the interface that simulator, commands and checker run. */
import type { Protocol } from "../protocol.ts";
import { ARTICLE_NODES_MAX, bit, formatMap } from "./map.ts";
import { type ArticleMemory, articleResetNode, articleWake, COLD_START } from "./wake.ts";

const COLUMNS = 4;

/**
 * The protocol as the article publishes it, faults included: one map for all nodes, copied to every chip, no watchdog.
 */
export const ARTICLE: Protocol<ArticleMemory> = {
  name: "article",
  nodesMax: ARTICLE_NODES_MAX,
  watchdogS: undefined,
  cold: COLD_START,
  wake: ({ self, nodes }, memory) => articleWake(self, nodes, memory),
  resetNode: ({ self, nodes }, subject) => articleResetNode(self, nodes, subject),
  runningChip({ nodes }, counters) {
    const seen = Array.from({ length: COLUMNS }, (_, node) => counters[node] ?? 0);
    return formatMap({
      primary: bit(0),
      retry: 0,
      dead: 0,
      spare: 0,
      // Nobody has seen the last count of a peer yet: each passes the other's first check.
      counters: Array.from({ length: nodes }, (_, row) =>
        seen.map((count, column) => (column === row || column >= nodes ? count : (count + 0xffff) & 0xffff)),
      ),
    });
  },
};
