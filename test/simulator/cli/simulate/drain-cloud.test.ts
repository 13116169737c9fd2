import { LastingClock } from "../../../../simulator/cli/simulate/drain-cloud.ts";
import { ManualClock, START_MS } from "../../local-cloud/functions/runner-fixture.ts";

describe("a clock that lasts", () => {
  test("while what drives it goes on -> tasks run once, when they are due; one that was taken back does not", () => {
    const inner = new ManualClock();
    const clock = new LastingClock(inner);
    const ran: string[] = [];
    clock.schedule(1_000, () => ran.push("a"));
    clock.schedule(1_000, () => ran.push("b"))();
    inner.pass(1_000);
    expect([ran, clock.now() - START_MS]).toEqual([["a"], 1_000]);
  });

  test("run on after its end -> what is due then, in its order and at its time, and what that schedules", async () => {
    const clock = new LastingClock(new ManualClock());
    const ran: [string, number][] = [];
    const note = (what: string) => ran.push([what, clock.now() - START_MS]);
    clock.schedule(2_000, () => note("second"));
    clock.schedule(1_000, () => {
      note("first");
      clock.schedule(1_500, () => note("third"));
    });
    clock.schedule(1_800, () => note("taken back"))();
    clock.schedule(9_000, () => note("too late"));
    let settled = 0;
    await clock.run(5_000, async () => {
      settled += 1;
    });
    expect(ran).toEqual([
      ["first", 1_000],
      ["second", 2_000],
      ["third", 2_500],
    ]);
    expect([settled, clock.now() - START_MS]).toEqual([3, 5_000]);
    await clock.run(4_000, async () => undefined);
    expect(ran.at(-1)).toEqual(["too late", 9_000]);
  });
});
