import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import { areaBytes, RECORD_BYTES, recordAddress } from "../../../../simulator/protocol/hardened/record.ts";
import { ACT, acted, type Behaviour, HardenedBench, running } from "./bench.ts";

describe("effects of a wake, in order", () => {
  const READ_AND_WRITE = ["raise-busy", "read 0", "read 1", "write 0", "write 1", "lower-busy", "decide"];

  test("the first of all -> reads and writes every chip, and sleeps just longer than any node is awake", () => {
    const bench = new HardenedBench();
    const { sleep } = bench.wake(0);
    expect(bench.log).toEqual(READ_AND_WRITE);
    expect(sleep).toBe("settle");
    expect(bench.decision).toMatchObject({
      role: "claiming",
      why: "nobody-claims",
      term: 1,
      formatted: true,
    });
  });

  test("the second -> the same, then acts, and sleeps a full period", () => {
    const bench = new HardenedBench();
    bench.wake(0);
    const { sleep } = bench.wake(0);
    expect(bench.log).toEqual([...READ_AND_WRITE, ...ACT]);
    expect(sleep).toBe("period");
    expect(bench.decision).toMatchObject({ role: "primary", why: "claim-stands", term: 1, formatted: false });
  });

  test("a standby's -> writes its heartbeat, and sleeps a full period", () => {
    const bench = running();
    const { sleep } = bench.wake(1);
    expect(bench.log).toEqual(READ_AND_WRITE);
    expect(sleep).toBe("period");
    expect(bench.decision).toMatchObject({ role: "standby", why: "another-claims" });
  });

  test("the busy line -> asked for as a courtesy", () => {
    const bench = running();
    expect(bench.effects[0]).toEqual({ do: "raise-busy", courtesy: true });
  });

  test("each chip -> read once from 0 on; written once, one record, read back, on the other page than last time", () => {
    const bench = running();
    const pages: number[] = [];
    for (let wake = 0; wake < 2; wake++) {
      bench.wake(1);
      const reads = bench.effects.filter((effect) => effect.do === "read");
      expect(reads.map(({ address, length }) => [address, length])).toEqual([
        [0, areaBytes(2)],
        [0, areaBytes(2)],
      ]);
      const writes = bench.effects.filter((effect) => effect.do === "write");
      expect(writes.map(({ bytes, verify }) => [bytes.length, verify])).toEqual([
        [RECORD_BYTES, true],
        [RECORD_BYTES, true],
      ]);
      expect(writes[0]).toEqual({ ...writes[1], chip: 0 });
      pages.push(writes[0]!.address);
    }
    expect(pages.sort()).toEqual([recordAddress(1, 0), recordAddress(1, 1)]);
  });
});

describe("the write and acting", () => {
  test.each<[string, number, Behaviour]>([
    ["subset: one chip of U does not take it", 1, "absent"],
    ["subset: one chip of U acknowledges it and does not keep it", 1, "keeps-nothing"],
    ["subset: one chip of U took it and cannot say so", 0, "unconfirmed"],
    ["subset: one chip of U fails to write", 1, "unwritable"],
  ])(
    "the write took a %s -> does not act; U is what took it; acts on that after a settle sleep",
    (_, chip, behaviour) => {
      const bench = running();
      bench.behaviour[chip] = behaviour;
      const { sleep, memory } = bench.wake(0);
      expect([acted(bench), sleep, memory.claimAcks]).toEqual([[], "settle", 3 & ~(1 << chip)]);
      bench.wake(0);
      expect(acted(bench)).toEqual(ACT);
      expect(bench.decision?.unwritable).toEqual([chip]);
    },
  );

  test("the write took a superset: a chip is back -> does not act; acts on all after a settle sleep", () => {
    const bench = new HardenedBench();
    bench.behaviour[1] = "absent";
    bench.wake(0);
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
    bench.behaviour[1] = "well";
    const { sleep, memory } = bench.wake(0);
    expect([acted(bench), sleep, memory.claimAcks]).toEqual([[], "settle", 3]);
    bench.wake(0);
    expect(acted(bench)).toEqual(ACT);
  });

  test("the write took as many others: one chip went as another came -> does not act", () => {
    const bench = new HardenedBench();
    bench.behaviour[1] = "absent";
    bench.wake(0);
    bench.behaviour[0] = "unwritable";
    bench.behaviour[1] = "well";
    const { sleep, memory } = bench.wake(0);
    expect([acted(bench), sleep, memory.claimAcks]).toEqual([[], "settle", 2]);
  });

  test("a chip that could not be read -> written all the same, and not acted on", () => {
    const bench = running();
    bench.behaviour[1] = "unreadable";
    bench.wake(0);
    expect(bench.log).toContain("write 1");
    expect([acted(bench), bench.decision?.why]).toEqual([[], "not-confirmed"]);
  });
});

describe("a reset of the primary", () => {
  test.each(["power-on", "pin", "soft", "watchdog", "brown-out"] as const)(
    "a %s reset of the primary alone -> claims anew under a higher term, and acts after a settle sleep",
    (cause) => {
      const bench = new HardenedBench();
      for (let wake = 0; wake < 2; wake++) bench.wake(0);
      const { sleep } = bench.wake(0, cause);
      expect([acted(bench), sleep, bench.decision?.why, bench.decision?.term]).toEqual([
        [],
        "settle",
        "claims-anew",
        2,
      ]);
      bench.wake(0);
      expect(acted(bench)).toEqual(ACT);
    },
  );

  test.each(["watchdog", "brown-out"] as const)(
    "a %s reset of the primary, the standby is able -> stands down for it",
    (cause) => {
      const bench = running();
      bench.wake(0, cause);
      expect([acted(bench), bench.decision?.why, bench.record(0)?.claims]).toEqual([
        [],
        "cannot-publish",
        false,
      ]);
      bench.wake(1);
      bench.wake(1);
      expect(acted(bench)).toEqual(ACT);
      expect(bench.decision?.changes).toContainEqual({ kind: "took-over", node: 0 });
    },
  );
});

describe("a page that keeps nothing any more", () => {
  test.each([0, 1] as const)(
    "page %i of its own on one chip -> it keeps to the other page, and acts",
    (parity) => {
      const bench = running();
      bench.behaviour[0] = ({ address }) => (address === recordAddress(0, parity) ? "keeps-nothing" : "well");
      const sleeps: string[] = [];
      for (let wake = 0; wake < 6; wake++) sleeps.push(bench.wake(0).sleep);
      expect(sleeps.slice(-2)).toEqual(["period", "period"]);
      expect(acted(bench)).toEqual(ACT);
      expect(bench.decision?.unwritable).toEqual([]);
    },
  );

  test("all of a chip, as with WP -> goes on with both pages of the others", () => {
    const bench = running();
    bench.behaviour[0] = "keeps-nothing";
    const addresses = new Set<number>();
    for (let wake = 0; wake < 6; wake++) {
      bench.wake(0);
      for (const effect of bench.effects) if (effect.do === "write") addresses.add(effect.address);
    }
    expect(acted(bench)).toEqual(ACT);
    expect(addresses.size).toBe(2);
  });
});

describe("too few chips", () => {
  test("none can be read -> writes nothing, forgets U, sleeps a period, and says why", () => {
    const bench = running();
    bench.behaviour.fill("unreadable");
    const { sleep, memory } = bench.wake(0);
    expect(bench.log).toEqual(["raise-busy", "read 0", "read 1", "lower-busy", "decide"]);
    expect([sleep, memory.claimAcks, memory.slept]).toEqual(["period", 0, "period"]);
    expect(bench.decision).toMatchObject({ role: "unknown", why: "too-few-chips-readable" });
  });

  test("one of three can be read -> as good as none: its record there stays as it was", () => {
    const bench = running(2, 3);
    bench.behaviour[1] = "absent";
    bench.behaviour[2] = "absent";
    const before = bench.record(0);
    bench.wake(0);
    expect(bench.decision?.why).toBe("too-few-chips-readable");
    expect(bench.record(0)).toEqual(before);
  });

  test("two of three -> acts, after a settle sleep", () => {
    const bench = running(2, 3);
    bench.behaviour[1] = "absent";
    bench.wake(0);
    expect(bench.wake(0).sleep).toBe("period");
    expect(acted(bench)).toEqual(ACT);
  });

  test("a claim that too few chips took -> counts for nothing, sleeps a period, and is claimed anew", () => {
    const bench = running(2, 3);
    bench.behaviour[1] = "unwritable";
    bench.behaviour[2] = "keeps-nothing";
    const { sleep, memory } = bench.wake(0);
    expect([acted(bench), sleep, memory.claimAcks, memory.failures]).toEqual([[], "period", 0, 1]);
    expect(bench.decision).toMatchObject({
      role: "claiming",
      why: "too-few-chips-writable",
      unwritable: [1, 2],
    });
    bench.behaviour.fill("well");
    bench.wake(0);
    expect(bench.decision).toMatchObject({ why: "claims-anew", term: 2 });
  });
});

describe("a node that cannot get as far as acting", () => {
  test("it has settled and may not act, twice -> as if it could not publish: the standby takes the role", () => {
    const bench = running();
    const refuses = (): void => {
      // One chip, then the other: the write never takes just U.
      bench.behaviour[0] = bench.behaviour[0] === "well" ? "unwritable" : "well";
      bench.behaviour[1] = bench.behaviour[0] === "well" ? "unwritable" : "well";
    };
    const failures: number[] = [];
    for (let wake = 0; wake < 3; wake++) {
      refuses();
      failures.push(bench.wake(0).memory.failures);
    }
    expect(failures).toEqual([0, 1, 2]);
    bench.behaviour.fill("well");
    bench.wake(1);
    bench.wake(0);
    expect(bench.decision?.why).toBe("cannot-publish");
  });
});

test("a sole survivor -> acts at the fourth of its own wakes, one of them after a settle sleep", () => {
  const bench = running();
  bench.wake(1);
  const sleeps: string[] = [];
  while (acted(bench).length === 0) sleeps.push(bench.wake(1).sleep);
  expect(sleeps).toEqual(["period", "settle", "period"]);
});

test("the protocol -> eight nodes, a watchdog of a minute, and starts from nothing", () => {
  expect([HARDENED.nodesMax, HARDENED.watchdogS]).toEqual([8, 60]);
  expect(
    HARDENED.wake(running().context(0), HARDENED.cold, { cause: "power-on", boot: 1, coldStarts: 1 }).next()
      .value,
  ).toEqual({
    do: "raise-busy",
    courtesy: true,
  });
});
