import { ARTICLE } from "../../../simulator/protocol/article/article.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import { fault, powerOn, RUNNING, SmallWorld, step } from "../node/small-world.ts";

describe("how a cluster starts", () => {
  test("running -> all are members, node 0 is primary, nobody is expelled; they boot one after another", async () => {
    const world = await new SmallWorld([], { cluster: { ...RUNNING, nodes: 3, drift: [0, 0, 0] } }).runTo(90);
    expect(world.minutesOf("powered-on")).toEqual([0, 5, 10]);
    expect(world.score.primaries).toEqual([0]);
    expect(world.metrics()).toMatchObject({ expelled: 0, failovers: 0, "readings lost": 0 });
  });

  test("running, with counters -> the chips hold them", async () => {
    const world = new SmallWorld([], { cluster: { ...RUNNING, counters: [65_530, 12] } });
    const bytes = Buffer.from(world.bytes(1, 20));
    expect([bytes.readUInt16BE(4), bytes.readUInt16BE(14)]).toEqual([65_530, 12]);
    // Six wakes later the counter of node 0 has wrapped, and nobody minds.
    await world.runTo(180);
    expect(Buffer.from(world.bytes(0, 20)).readUInt16BE(4)).toBeLessThan(20);
    expect(world.metrics()).toMatchObject({ expelled: 0, "primaries at once": 1 });
  });

  test("blank -> nothing happens until somebody switches a node on", async () => {
    const world = await new SmallWorld([powerOn(30, 1)]).runTo(45);
    expect(world.events[0]).toMatchObject({ kind: "powered-on", node: 1 });
    expect(world.minutesOf("powered-on")).toEqual([30]);
    expect(world.readings(1)).toHaveLength(1);
  });

  test("charge and drift of each node -> its own", async () => {
    const world = new SmallWorld([], { cluster: { start: "running", charge: [80, 0], drift: [2, -1] } });
    expect(world.node(0).supply.pack.stateOfCharge).toBeCloseTo(0.8, 9);
    expect([0, 1].map((node) => world.node(node).clock.error)).toEqual([0.02, -0.01]);
    await world.runTo(60);
    expect(world.of("battery-flat").map(({ node }) => node)).toEqual([1]);
  });

  test("more nodes than the protocol has room for -> refused", () => {
    expect(() => new SmallWorld([], { cluster: { nodes: 5 } })).toThrow("room for 4 nodes");
  });

  test("a watchdog of the protocol's own -> where the scenario has none", async () => {
    const hung = fault(1, { kind: "hang", node: 0 });
    const of = async (protocol: typeof ARTICLE | typeof HARDENED) =>
      (await new SmallWorld([hung], { cluster: RUNNING, protocol: protocol as never }).runTo(30)).of(
        "reset",
        0,
      );
    expect(await of(ARTICLE)).toEqual([]);
    expect(await of(HARDENED)).toHaveLength(1);
  });
});

describe("what a person does", () => {
  test("power-off and on -> off at once, a cold start", async () => {
    const world = new SmallWorld([step(10, { kind: "power-off", node: 0 }), powerOn(20, 0)], {
      cluster: RUNNING,
    });
    await world.runTo(25);
    expect(world.minutesOf("powered-off", 0)).toEqual([10]);
    expect(world.readings(0).map(({ seq }) => seq)).toEqual([1, 1]);
  });

  test("press-reset -> a reset by the pin, with power alone", async () => {
    const press = (minute: number) => step(minute, { kind: "press-reset", node: 0 });
    const world = new SmallWorld([press(5), step(10, { kind: "power-off", node: 0 }), press(15)], {
      cluster: RUNNING,
    });
    await world.runTo(30);
    expect(world.of("reset", 0).map(({ cause }) => cause)).toEqual(["pin"]);
    expect(world.node(0).state).toBe("off");
  });

  test("replace-battery -> a cold start on a full pack, also of a node that is off", async () => {
    const replace = step(40, { kind: "replace-battery", node: 0 });
    const world = await new SmallWorld([replace], { cluster: { ...RUNNING, charge: [0, 100] } }).runTo(50);
    expect(
      world.events
        .filter(({ node }) => node === 0)
        .slice(0, 3)
        .map(({ kind }) => kind),
    ).toEqual(["powered-on", "battery-flat", "powered-on"]);
    expect(world.node(0).supply.pack.stateOfCharge).toBeGreaterThan(0.99);
  });

  test("reset-node -> the subject is a member again, and the node at whose prompt it was typed starts over", async () => {
    const world = new SmallWorld([
      powerOn(0, 0),
      powerOn(5, 1),
      step(10, { kind: "reset-node", node: 0, subject: 1 }),
    ]);
    await world.runTo(60);
    expect(world.of("reset-node")).toMatchObject([
      { node: 0, subject: 1, outcome: { done: true, unwritable: [] } },
    ]);
    expect(world.traced("node-0", "wake").map(({ detail }) => detail)[1]).toBe("soft");
    expect(world.of("decided", 1).at(-1)?.decision.role).toBe("standby");
  });

  test("reset-node at a node without power -> the trace says that nothing happened", async () => {
    const world = await new SmallWorld([step(1, { kind: "reset-node", node: 0, subject: 1 })]).runTo(2);
    expect(world.events).toEqual([]);
    expect(world.traced("node-0", "no-power")).toMatchObject([{ detail: "reset_node(1)" }]);
  });

  test("reset-node with blank chips, or none that answers -> says why not", async () => {
    const typed = step(1, { kind: "reset-node", node: 0, subject: 1 });
    const blank = [
      fault(0.5, { kind: "eeprom-blank", chip: 0 }),
      fault(0.5, { kind: "eeprom-blank", chip: 1 }),
    ];
    const stuck = [fault(0.5, { kind: "sda-held" })];
    for (const [steps, why] of [
      [blank, "blank"],
      [stuck, "no-chip-readable"],
    ] as const) {
      const world = await new SmallWorld([...steps, typed], { cluster: RUNNING }).runTo(2);
      expect(world.of("reset-node")).toMatchObject([{ outcome: { done: false, why } }]);
    }
  });
});

describe("the story", () => {
  test("steps and what heals -> in order; with words of its own where it has them", async () => {
    const spoken = { ...powerOn(20, 0), says: "a person repairs node 0" };
    const world = new SmallWorld([fault(10, { kind: "wifi-outage", node: 0 }, 5), spoken], {
      cluster: RUNNING,
    });
    await world.runTo(30);
    expect(world.story).toEqual([
      "wifi-outage node=0",
      "over: wifi-outage node=0",
      "a person repairs node 0",
    ]);
    expect(world.trace.filter((line) => / (fault|person) /.test(line))).toEqual([
      "   0 00:10:00.000000 fault      step             wifi-outage node=0",
      "   0 00:15:00.000000 fault      healed           wifi-outage node=0",
      "   0 00:20:00.000000 person     step             power-on node=0",
    ]);
  });

  test("a fault that does not last, with a time -> does not heal", async () => {
    const world = await new SmallWorld([fault(10, { kind: "hang", node: 0 }, 5)], { cluster: RUNNING }).runTo(
      60,
    );
    expect(world.story).toEqual(["hang node=0"]);
  });

  test("no trace asked for -> none, and the same story", async () => {
    const play = async (traced: boolean) =>
      new SmallWorld([fault(10, { kind: "hang", node: 0 })], { cluster: RUNNING, traced }).runTo(120);
    const [silent, told] = [await play(false), await play(true)];
    expect(silent.trace).toEqual([]);
    expect(silent.events).toEqual(told.events);
  });
});
