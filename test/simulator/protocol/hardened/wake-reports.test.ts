/** What a node that acts tells the cloud, and what it does where a publish fails. */
import { ACT, acted, HardenedBench, running } from "./bench.ts";

/** Node 1 has not moved at two wakes of the primary. */
const oneDead = (): HardenedBench => {
  const bench = running();
  // The first look shows where it stands.
  for (let wake = 0; wake < 2; wake++) bench.wake(0);
  return bench;
};

describe("reports of a node", () => {
  test("a node is dead -> told once, before the reading; the next record has it that the cloud knows", () => {
    const bench = oneDead();
    expect(acted(bench)).toEqual(["connect", "node_dead 1", "publish-reading"]);
    expect(bench.view).toEqual({ primary: 0, suspects: [], dead: [1], neverAdmitted: [] });
    expect(bench.record(0)).toMatchObject({ dead: 0b10, reportedDead: 0 });
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
    expect(bench.record(0)).toMatchObject({ dead: 0b10, reportedDead: 0b10 });
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
  });

  test("it comes back -> told once that it is admitted", () => {
    const bench = oneDead();
    bench.wake(0);
    for (let wake = 0; wake < 2; wake++) {
      bench.wake(1);
      bench.wake(0);
    }
    expect(acted(bench)).toEqual(["connect", "node_admitted 1", "publish-reading"]);
    expect(bench.record(0)).toMatchObject({ dead: 0, reportedDead: 0b10 });
    bench.wake(1);
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
    expect(bench.record(0)?.reportedDead).toBe(0);
  });

  test("a node that was never there -> not reported dead: it is unknown", () => {
    const bench = new HardenedBench();
    for (let wake = 0; wake < 6; wake++) bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
    expect(bench.record(0)?.dead).toBe(0);
  });
});

describe("reports without a PUBACK", () => {
  test("the report gets no PUBACK -> told again at the next wake", () => {
    const bench = running();
    bench.wake(0);
    bench.online = ({ do: what }) => what !== "report";
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_dead 1"]);
    bench.online = true;
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_dead 1", "publish-reading"]);
  });

  test("of two reports the second gets no PUBACK -> that one alone is told again", () => {
    const bench = new HardenedBench(3);
    for (const node of [0, 1, 2, 0, 0]) bench.wake(node);
    bench.online = (effect) => effect.do !== "report" || effect.report.subject !== 2;
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_dead 1", "node_dead 2"]);
    bench.online = true;
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_dead 2", "publish-reading"]);
  });

  test("the reading gets no PUBACK, the report did -> the report is not told again", () => {
    const bench = running();
    bench.wake(0);
    bench.online = ({ do: what }) => what !== "publish-reading";
    bench.wake(0);
    bench.online = true;
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
  });
});

describe("reports of a takeover", () => {
  test("the standby takes over -> says so with the report and the decision, once", () => {
    const bench = running();
    bench.wake(1);
    const roles: unknown[] = [];
    for (let wake = 0; wake < 4; wake++) {
      bench.wake(1);
      roles.push(bench.decision?.role);
      const report = bench.effects.find((effect) => effect.do === "report");
      const took = bench.decision?.changes.some(({ kind }) => kind === "took-over");
      roles.push(report?.report.tookOver, took);
    }
    expect(roles).toEqual([
      ...["standby", undefined, false],
      ...["claiming", undefined, false],
      ...["primary", true, true],
      ...["primary", undefined, false],
    ]);
  });

  test("who took over dies before it told -> the next one tells of both", () => {
    const bench = new HardenedBench(3);
    for (const node of [0, 1, 2, 0, 1, 2]) bench.wake(node);
    bench.wake(1);
    bench.wake(1);
    expect(bench.record(1)).toMatchObject({ claims: true, term: 2, dead: 0b001, reportedDead: 0 });
    for (let wake = 0; wake < 4; wake++) bench.wake(2);
    expect(acted(bench)).toEqual(["connect", "node_dead 0", "node_dead 1", "publish-reading"]);
  });
});

describe("a publish fails -> the wake is over", () => {
  test("no connection -> nothing else is tried", () => {
    const bench = running();
    bench.online = false;
    expect(bench.wake(0)).toMatchObject({ sleep: "period", memory: { failures: 1, holdDownWakes: 0 } });
    expect(acted(bench)).toEqual(["connect"]);
  });

  test("nobody else is there -> after eight joins it tries every fourth turn, until one works", () => {
    const bench = running();
    bench.online = false;
    const joins = Array.from({ length: 14 }, () => {
      bench.wake(0);
      return acted(bench).length;
    });
    expect(joins).toEqual([...new Array(8).fill(1), 0, 0, 0, 1, 0, 0]);
    bench.online = true;
    const published = Array.from({ length: 5 }, () => {
      bench.wake(0);
      return acted(bench).length;
    });
    // The first that works reports the other node too.
    expect(published).toEqual([0, 3, 2, 2, 2]);
  });

  test("the first of two reports fails -> neither the other nor the reading is tried", () => {
    const bench = new HardenedBench(3);
    for (const node of [0, 1, 2, 0, 0]) bench.wake(node);
    bench.online = ({ do: what }) => what === "connect";
    bench.wake(0);
    expect(acted(bench)).toEqual(["connect", "node_dead 1"]);
  });
});

describe("a primary that cannot publish lets its role go", () => {
  test("twice in a row, the standby is able -> stands down, and the standby acts at its second wake", () => {
    const bench = running();
    bench.online = false;
    bench.wake(0);
    bench.wake(1);
    bench.wake(0);
    bench.wake(1);
    bench.wake(0);
    expect([acted(bench), bench.decision?.why, bench.record(0)?.failing]).toEqual([
      [],
      "cannot-publish",
      true,
    ]);
    bench.online = true;
    bench.wake(1);
    bench.wake(1);
    expect(acted(bench)).toEqual(ACT);
  });

  test("who takes a role that was let go -> takes it from whoever held it last, and tells of that alone", () => {
    const bench = new HardenedBench(3);
    for (const node of [0, 1, 2, 0]) bench.wake(node);
    // Node 2 comes to rule, and then cannot publish.
    for (let wake = 0; wake < 4; wake++) bench.wake(2);
    bench.wake(0, "pin");
    bench.wake(1);
    expect(bench.record(2)).toMatchObject({ claims: true, lastClaimant: true });
    bench.online = false;
    for (const node of [2, 0, 1, 2, 0, 1, 2]) bench.wake(node);
    expect(bench.record(2)).toMatchObject({ claims: false, lastClaimant: true });
    bench.online = true;
    bench.wake(1);
    bench.wake(1);
    expect(bench.decision?.changes).toContainEqual({ kind: "took-over", node: 2 });
    // It dies later: that is no takeover.
    const reports: unknown[] = [];
    for (const node of [0, 1, 0, 1, 0, 1]) {
      bench.wake(node);
      for (const effect of bench.effects) if (effect.do === "report") reports.push(effect.report);
    }
    expect(reports).toEqual([{ type: "node_dead", subject: 2, tookOver: false }]);
  });
});
