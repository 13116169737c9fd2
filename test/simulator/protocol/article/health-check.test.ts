import fc from "fast-check";
import { healthCheck, resetNode } from "../../../../simulator/protocol/article/health-check.ts";
import {
  bit,
  type ClusterMap,
  counterOf,
  firstMap,
  formatMap,
  isBlank,
  mapLength,
  neverAdmitted,
  parseMap,
  primaryOf,
  withCounter,
} from "../../../../simulator/protocol/article/map.ts";

const pair = (changes: Partial<ClusterMap> = {}): ClusterMap => ({ ...firstMap(0, 2), dead: 0, ...changes });
/** Node 0 is primary at count 7, as node 1 last copied it. */
const settled = withCounter(withCounter(pair(), 0, 0, 7), 1, 0, 7);

describe("the map", () => {
  test("two nodes -> the article's 20 bytes, big-endian, rows at 0x04 and 0x0C", () => {
    const map = withCounter(withCounter(pair({ primary: 1, retry: 2, dead: 0 }), 0, 0, 0x1234), 1, 1, 0xabcd);
    expect(Buffer.from(formatMap(map)).toString("hex")).toBe(
      "01020000" + "1234000000000000" + "0000abcd00000000",
    );
  });

  test("four nodes -> 36 bytes, rows of nodes 2 and 3 at 0x14 and 0x1C", () => {
    expect(mapLength(4)).toBe(36);
    const bytes = formatMap(withCounter(withCounter(firstMap(0, 4), 2, 0, 0xbeef), 3, 0, 0xcafe));
    expect(Buffer.from(bytes.subarray(0x14, 0x16)).toString("hex")).toBe("beef");
    expect(Buffer.from(bytes.subarray(0x1c, 0x1e)).toString("hex")).toBe("cafe");
  });

  test("any map, formatted and parsed -> the same map", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const maps = fc.integer({ min: 2, max: 4 }).chain((nodes) =>
      fc.record({
        primary: byte,
        retry: byte,
        dead: byte,
        spare: byte,
        counters: fc.array(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 }), {
          minLength: nodes,
          maxLength: nodes,
        }),
      }),
    );
    fc.assert(fc.property(maps, (map) => expect(parseMap(formatMap(map), map.counters.length)).toEqual(map)));
  });

  test("every byte FFh -> blank; one byte written -> not", () => {
    expect(isBlank(new Uint8Array(20).fill(0xff))).toBe(true);
    expect(isBlank(new Uint8Array(20).fill(0xff, 1))).toBe(false);
  });

  test("wrong length -> refused", () => {
    expect(() => parseMap(new Uint8Array(19), 2)).toThrow("a map of 2 nodes has 20 bytes, not 19");
  });

  test("several PRIMARY bits -> the lowest number counts; none -> nobody", () => {
    expect(primaryOf(pair({ primary: 0b11 }))).toBe(0);
    expect(primaryOf(pair({ primary: 0b10 }))).toBe(1);
    expect(primaryOf(pair({ primary: 0 }))).toBeNull();
  });

  test("dead and without a count anywhere -> never admitted; dead with a count -> expelled", () => {
    expect(neverAdmitted(firstMap(0, 2))).toEqual([1]);
    expect(neverAdmitted(withCounter(firstMap(0, 2), 0, 1, 3))).toEqual([]);
  });
});

describe("health_check", () => {
  test("primary's counter moved -> RETRY cleared, counter copied, standby counts", () => {
    const { map, role, changes } = healthCheck(withCounter({ ...settled, retry: bit(0) }, 0, 0, 8), 1);
    expect({ role, changes }).toEqual({ role: "standby", changes: [{ kind: "cleared", node: 0 }] });
    expect([map.retry, counterOf(map, 1, 0), counterOf(map, 1, 1)]).toEqual([0, 8, 1]);
  });

  test("not moved once -> suspected, and nothing else", () => {
    const { map, role, changes } = healthCheck(settled, 1);
    expect({ role, changes }).toEqual({ role: "standby", changes: [{ kind: "suspected", node: 0 }] });
    expect([map.retry, map.dead, map.primary]).toEqual([bit(0), 0, bit(0)]);
  });

  test("not moved twice -> dead, and the checker takes the PRIMARY bit", () => {
    const { map, role, changes } = healthCheck({ ...settled, retry: bit(0) }, 1);
    expect(role).toBe("primary");
    expect(changes).toEqual([
      { kind: "expelled", node: 0 },
      { kind: "took-over", node: 0 },
    ]);
    expect([map.primary, map.retry, map.dead]).toEqual([bit(1), 0, bit(0)]);
  });

  test("a standby that does not move twice -> dead, and the primary stays primary", () => {
    const { map, role } = healthCheck({ ...pair(), retry: bit(1) }, 0);
    expect([role, map.primary, map.dead]).toEqual(["primary", bit(0), bit(1)]);
  });

  test("the primary checks -> it does not count: it counts only after publishing", () => {
    expect(counterOf(healthCheck(settled, 0).map, 0, 0)).toBe(7);
  });

  test("a node finds itself dead -> changes nothing", () => {
    const map = { ...settled, dead: bit(1) };
    expect(healthCheck(map, 1)).toEqual({ map, role: "dead", changes: [] });
  });

  test("the counter stands at 65,535 -> wraps to 0, and a peer sees it move", () => {
    const before = withCounter(withCounter(settled, 1, 1, 0xffff), 0, 1, 0xffff);
    const after = healthCheck(withCounter(before, 0, 0, 8), 1).map;
    expect(counterOf(after, 1, 1)).toBe(0);
    expect(healthCheck(after, 0).changes).toEqual([]);
  });

  test("two PRIMARY bits -> the next writer leaves the lowest", () => {
    const { map, role, changes } = healthCheck(withCounter({ ...settled, primary: 0b11 }, 0, 0, 8), 1);
    expect([map.primary, role]).toEqual([bit(0), "standby"]);
    expect(changes).toEqual([{ kind: "primary-corrected", node: 0 }]);
  });

  test("four nodes, the primary dies -> the first to check twice takes over, the others stay", () => {
    const four = { ...firstMap(0, 4), dead: 0, retry: bit(0) };
    const moved = [1, 2, 3].reduce((map, node) => withCounter(map, node, node, 5), four);
    const { map, role } = healthCheck(moved, 2);
    expect([role, map.primary, map.dead]).toEqual(["primary", bit(2), bit(0)]);
  });

  test("reset_node -> only the subject's DEAD and RETRY bits are cleared", () => {
    const map = { ...settled, primary: bit(1), dead: 0b11, retry: 0b11 };
    expect(resetNode(map, 0)).toEqual({ ...map, dead: 0b10, retry: 0b10 });
  });
});
