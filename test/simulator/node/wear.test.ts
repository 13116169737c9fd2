import { chipWork } from "../../../simulator/node/wear.ts";
import { ARTICLE } from "../../../simulator/protocol/article/article.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";

/** At 400 kHz, START, repeated START and STOP one clock each, a byte nine; fractions of a microsecond are dropped. */
const busUs = (bytes: number, conditions: number): number => Math.floor((9 * bytes + conditions) * 2.5);
/** Device address, word address, device address again, data. */
const readUs = (bytes: number): number => busUs(4 + bytes, 3);
const writeUs = (bytes: number): number => busUs(3 + bytes, 2);
/** tWR, and the poll that finds it over. */
const CYCLE_US = 5_000 + busUs(1, 2);
const [CPU_A, READ_A, WRITE_A] = [49e-3, 2e-3, 3e-3];

/** A record and its extension. */
const RECORD = 60;
/** Both pages of all nodes but the last one's second page, of which a record. */
const AREA = { 2: 252, 3: 380, 8: 1020 } as const;

test.each([
  [2, false],
  [2, true],
  [3, false],
  [8, false],
] as const)(
  "hardened, %d nodes, witness %p -> reads all pages and writes one on each chip, primary or not",
  (nodes, witness) => {
    const chips = nodes + (witness ? 1 : 0);
    const { pages, writesAPeriod, standby, primary } = chipWork(HARDENED, nodes, witness);
    expect([pages, writesAPeriod]).toEqual([2 * nodes, 0.5]);
    const reads = chips * readUs(AREA[nodes]);
    const writes = chips * (writeUs(RECORD) + CYCLE_US + readUs(RECORD));
    expect(standby.span).toBe(reads + writes);
    expect(standby.bus).toBe(reads + chips * (writeUs(RECORD) + readUs(RECORD)));
    expect(standby.chargeC).toBeCloseTo(1e-6 * (reads * (CPU_A + READ_A) + writes * (CPU_A + WRITE_A)), 9);
    expect(primary).toEqual(standby);
  },
);

test.each([2, 3, 4])(
  "article, %d nodes -> one page, written by each wake and once more by the primary",
  (nodes) => {
    const { pages, writesAPeriod, standby, primary } = chipWork(ARTICLE, nodes, false);
    expect([pages, writesAPeriod]).toEqual([1, nodes + 1]);
    const map = 4 + 8 * nodes;
    expect(standby.span).toBe(readUs(map) + nodes * (writeUs(map) + CYCLE_US));
    expect(primary.span).toBe(standby.span + readUs(map) + nodes * (writeUs(2) + CYCLE_US));
  },
);

test("more nodes than the protocol has room for -> refused", () => {
  expect(() => chipWork(ARTICLE, 5, false)).toThrow(/room for 4 nodes/);
});
