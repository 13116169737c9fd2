import { acted, HardenedBench, running } from "./bench.ts";

describe("reset_node", () => {
  test("typed at a standby -> its record asks; the primary admits at its next wake, and tells the cloud", () => {
    const bench = new HardenedBench(3);
    for (const node of [0, 1, 2, 0]) bench.wake(node);
    for (let wake = 0; wake < 3; wake++) {
      bench.wake(0);
      bench.wake(1);
    }
    expect(bench.record(0)?.dead).toBe(0b100);
    expect(bench.resetNode(1, 2)).toEqual({ done: true, unwritable: [] });
    expect(bench.record(1)).toMatchObject({ admit: 0b100, claims: false, gen: 1, boot: 2 });
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_admitted 2", "publish-reading"]);
    expect(bench.record(0)?.dead).toBe(0);
    bench.wake(1, "soft");
    expect(bench.record(1)).toMatchObject({ admit: 0, boot: 3 });
  });

  test("typed at the primary -> its claim is given up; it admits, claims anew and acts after a settle sleep", () => {
    const bench = running();
    for (let wake = 0; wake < 3; wake++) bench.wake(0);
    expect(bench.record(0)).toMatchObject({ dead: 0b10, reportedDead: 0b10 });
    bench.resetNode(0, 1);
    expect(bench.record(0)).toMatchObject({ claims: false, admit: 0b10, dead: 0 });
    bench.wake(0, "soft");
    expect(bench.record(0)).toMatchObject({ claims: true, term: 2, dead: 0, admit: 0 });
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_admitted 1", "publish-reading"]);
  });

  test("a chip does not take it -> says which", () => {
    const bench = running();
    bench.behaviour[1] = "keeps-nothing";
    expect(bench.resetNode(1, 0)).toEqual({ done: true, unwritable: [1] });
  });

  test("no chip answers, or all are blank -> nothing is written, with the reason", () => {
    const bench = new HardenedBench();
    expect(bench.resetNode(0, 1)).toEqual({ done: false, why: "blank" });
    bench.behaviour.fill("absent");
    expect(bench.resetNode(0, 1)).toEqual({ done: false, why: "no-chip-readable" });
    expect(bench.log).toEqual(["raise-busy", "read 0", "read 1", "lower-busy"]);
  });
});
