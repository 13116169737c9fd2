import { Engine, outside, type Task } from "../../../simulator/engine/engine.ts";
import { after, type Instant, micros, START, seconds } from "../../../simulator/engine/time.ts";
import { clockText, Trace } from "../../../simulator/engine/trace.ts";

const end = after(START, seconds(100));

test("events of one instant -> fire in the order they were scheduled", async () => {
  const engine = new Engine();
  const order: string[] = [];
  const at = after(START, seconds(1));
  for (const name of ["a", "b", "c", "d", "e"]) engine.at(at, () => void order.push(name));
  engine.at(after(START, micros(1)), () => void order.push("first"));
  await engine.run(end);
  expect(order).toEqual(["first", "a", "b", "c", "d", "e"]);
});

test("two tasks wait -> they interleave by time, and each sees the present instant", async () => {
  const engine = new Engine();
  const seen: string[] = [];
  const ticks = function* (name: string, every: number): Task {
    for (;;) seen.push(`${name}@${yield micros(every)}`);
  };
  engine.spawn("x", ticks("x", 3));
  engine.spawn("y", ticks("y", 5));
  await engine.run(10 as Instant);
  expect(seen).toEqual(["x@3", "y@5", "x@6", "x@9", "y@10"]);
  expect(engine.now).toBe(10);
});

test("killed between two steps -> never resumed", async () => {
  const engine = new Engine();
  let steps = 0;
  const task = function* (): Task {
    for (;;) {
      yield seconds(1);
      steps += 1;
    }
  };
  const process = engine.spawn("x", task());
  engine.at(after(START, micros(3_500_000)), () => process.kill());
  await engine.run(end);
  expect([steps, process.running]).toEqual([3, false]);
});

describe("a task that is held", () => {
  const at = (second: number): Instant => after(START, seconds(second));
  const wakesOf = async (...holds: readonly (readonly [from: number, to: number])[]): Promise<number[]> => {
    const engine = new Engine();
    const seen: number[] = [];
    const task = function* (): Task {
      for (;;) seen.push((yield seconds(2)) / 1_000_000);
    };
    const process = engine.spawn("x", task());
    for (const [from, to] of holds)
      engine.at(at(from), () => {
        engine.at(at(to), process.hold());
      });
    await engine.run(at(10));
    return seen;
  };

  test("past what it waited for -> goes on when it is let go, and waits anew from then on", async () => {
    expect(await wakesOf([1, 5])).toEqual([5, 7, 9]);
  });

  test("not as long as it waited anyway -> nothing has changed", async () => {
    expect(await wakesOf([0.5, 1.5])).toEqual([2, 4, 6, 8, 10]);
  });

  test("twice at a time -> goes on when both let go", async () => {
    expect(await wakesOf([1, 5], [3, 6])).toEqual([6, 8, 10]);
  });

  test("at the very instant at which it would go on, before that -> held", async () => {
    expect(await wakesOf([2, 7])).toEqual([7, 9]);
  });

  test("killed meanwhile -> never goes on", async () => {
    const engine = new Engine();
    let steps = 0;
    const task = function* (): Task {
      yield seconds(1);
      steps += 1;
    };
    const process = engine.spawn("x", task());
    const letGo = process.hold();
    engine.at(at(2), () => process.kill());
    engine.at(at(3), letGo);
    await engine.run(end);
    expect([steps, process.running]).toEqual([0, false]);
  });
});

test("waits for the real world -> virtual time stands still, and the value or the error comes back", async () => {
  const engine = new Engine();
  const seen: unknown[] = [];
  const task = function* (): Task {
    yield seconds(1);
    seen.push(yield* outside(new Promise((resolve) => setImmediate(() => resolve("answer")))));
    try {
      yield* outside(Promise.reject(new Error("refused")));
    } catch (error) {
      seen.push((error as Error).message);
    }
    seen.push(engine.now);
  };
  engine.at(after(START, micros(1_000_001)), () => void seen.push("later"));
  engine.spawn("x", task());
  await engine.run(end);
  expect(seen).toEqual(["answer", "refused", 1_000_000, "later"]);
});

test("taken back -> does not fire; into the past -> refused", async () => {
  const engine = new Engine();
  let fired = false;
  engine.at(after(START, seconds(2)), () => {
    fired = true;
  })();
  await engine.run(end);
  expect(fired).toBe(false);
  expect(() => engine.at(START, () => {})).toThrow("cannot schedule");
});

test("a run ends amid a wait -> the next run goes on from there", async () => {
  const engine = new Engine();
  const seen: number[] = [];
  const task = function* (): Task {
    for (;;) seen.push(yield seconds(10));
  };
  engine.spawn("x", task());
  await engine.run(after(START, seconds(15)));
  await engine.run(after(START, seconds(25)));
  expect(seen).toEqual([10_000_000, 20_000_000]);
});

test("trace -> fixed columns, and a digest that any change changes", () => {
  const lines: string[] = [];
  const trace = new Trace();
  trace.listen((_, line) => lines.push(line));
  trace.add((((27 * 3_600 + 30 * 60) * 1_000 + 5) * 1_000) as Instant, "node-1", "wake", "x");
  expect(lines).toEqual(["   1 03:30:00.005000 node-1     wake             x"]);
  const other = new Trace();
  other.add(START, "node-1", "wake");
  expect(other.sha256()).not.toBe(trace.sha256());
  expect(clockText(START)).toBe("0 00:00:00.000000");
});
