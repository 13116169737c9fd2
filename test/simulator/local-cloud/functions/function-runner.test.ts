import { ARN, START_MS } from "./runner-fixture.ts";
import { MINUTE_MS, start, stopAll } from "./started-runners.ts";

const PRINT = `exports.handler = async (event, context) => { console.log(JSON.stringify({ event, context, now: Date.now() })); };`;

afterEach(stopAll);

describe("an invocation", () => {
  test("a handler that answers -> gets event and context, runs once, nothing fails", async () => {
    const { runner, log, failures } = start(PRINT);
    runner.invokeAsync({ a: 1 });
    await runner.idle();
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({ level: "info", source: "function f", code: "function-log", at: START_MS });
    expect(log[0]?.fields).toMatchObject({
      event: { a: 1 },
      context: {
        functionName: "f",
        invokedFunctionArn: ARN,
        memoryLimitInMB: "128",
        functionVersion: "$LATEST",
      },
    });
    expect([failures, runner.pendingRetries]).toEqual([[], 0]);
  });

  test("the event changes after it was queued -> the function gets it as it was", async () => {
    const { runner, log } = start(PRINT);
    const event = { a: 1 };
    runner.invokeAsync(event);
    event.a = 2;
    await runner.idle();
    expect(log[0]?.fields?.event).toEqual({ a: 1 });
  });

  test("Date -> shows the cloud's time at every invocation and runs on from there", async () => {
    const { runner, clock, log } = start(`
      exports.handler = async () => {
        const [from, made] = [Date.now(), new Date()];
        await new Promise((resolve) => setTimeout(resolve, 30));
        console.log(JSON.stringify({ from, year: made.getUTCFullYear(), later: new Date() - from, given: new Date(5).getTime(), date: made instanceof Date }));
      };`);
    for (const passMs of [0, 86_400_000]) {
      clock.pass(passMs);
      runner.invokeAsync({});
      await runner.idle();
    }
    const seen = log.map(({ fields }) => fields as Record<string, number>);
    expect(seen).toMatchObject([
      { year: 2030, given: 5, date: true },
      { year: 2030, given: 5, date: true },
    ]);
    for (const [i, atMs] of [START_MS, START_MS + 86_400_000].entries()) {
      expect(seen[i]?.from).toBeGreaterThanOrEqual(atMs);
      expect(seen[i]?.from).toBeLessThan(atMs + 5_000);
      expect(seen[i]?.later).toBeGreaterThanOrEqual(25);
    }
  });
});

describe("the surroundings of an invocation", () => {
  test("the environment -> what the template gives and not one variable of this process", async () => {
    process.env.HA2M_LEAK = "leaked";
    const { runner, log } = start(
      `exports.handler = async () => console.log(JSON.stringify({ ...process.env }));`,
      {
        env: { TABLE: "t", AWS_REGION: "eu-central-1" },
      },
    );
    runner.invokeAsync({});
    await runner.idle();
    delete process.env.HA2M_LEAK;
    expect(log[0]?.fields).toMatchObject({ TABLE: "t", AWS_REGION: "eu-central-1" });
    expect(log[0]?.fields).not.toHaveProperty("HA2M_LEAK");
    expect(log[0]?.fields).not.toHaveProperty("PATH");
  });

  test("getRemainingTimeInMillis -> counts down from the timeout", async () => {
    const { runner, log } = start(
      `exports.handler = async (_, context) => console.log(JSON.stringify({ left: context.getRemainingTimeInMillis() }));`,
    );
    runner.invokeAsync({});
    await runner.idle();
    const left = Number(log[0]?.fields?.left);
    expect(left).toBeGreaterThan(4_000);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  test("printed lines -> one entry each, JSON as fields with its level, in order", async () => {
    const { runner, log } = start(`
      exports.handler = async () => {
        console.log("one\\ntwo");
        console.error(JSON.stringify({ level: "warn", message: "three" }));
        process.stdout.write("fo");
        process.stdout.write("ur\\n");
      };`);
    runner.invokeAsync({});
    await runner.idle();
    expect(log.map(({ level, text, fields }) => [level, text, fields?.message])).toEqual([
      ["info", "one", undefined],
      ["info", "two", undefined],
      ["warn", '{"level":"warn","message":"three"}', "three"],
      ["info", "four", undefined],
    ]);
  });
});

test("what Date does besides telling the time -> stays as it is", async () => {
  const { runner, log } = start(`
    exports.handler = async () => {
      const parsed = new Date("2030-01-01T00:00:00Z");
      console.log(JSON.stringify({
        text: typeof Date(), utc: Date.UTC(2030, 0, 1) === parsed.getTime(), parse: Date.parse("2030-01-01") === parsed.getTime(),
        own: new (class extends Date {})() - Date.now() < 1000, cloned: structuredClone(parsed) instanceof Date,
      }));
    };`);
  runner.invokeAsync({});
  await runner.idle();
  expect(log[0]?.fields).toEqual({ text: "string", utc: true, parse: true, own: true, cloned: true });
});

test("printed without a line's end, as bytes, or waiting for its callback -> arrives all the same", async () => {
  const { runner, printed } = start(
    `
    exports.handler = async () => {
      await new Promise((written) => process.stdout.write(new TextEncoder().encode("kühl\\n"), written));
      await new Promise((written) => process.stderr.write("6869", "hex", written));
    };`,
    { timeoutS: 1 },
  );
  runner.invokeAsync({});
  await runner.idle();
  expect(printed()).toEqual(["kühl", "hi"]);
});

describe("execution environments", () => {
  const COUNT = `let served = 0; exports.handler = async () => console.log(String(++served));`;

  test("events one after another -> served by one warm environment", async () => {
    const { runner, printed } = start(COUNT);
    for (let i = 0; i < 3; i++) {
      runner.invokeAsync({});
      await runner.idle();
    }
    expect(printed()).toEqual(["1", "2", "3"]);
  });

  test("an environment that dies between two events -> the next one gets a new environment, and no failed attempt", async () => {
    const { runner, printed, log } = start(`
      let served = 0;
      exports.handler = async (event) => {
        console.log(String(++served));
        if (event.die) setTimeout(() => process.exit(1), 10);
      };`);
    runner.invokeAsync({ die: true });
    await runner.idle();
    await new Promise((resolve) => setTimeout(resolve, 300));
    runner.invokeAsync({});
    await runner.idle();
    expect(printed()).toEqual(["1", "1"]);
    expect(log.map(({ code }) => code)).toEqual(["function-log", "function-log"]);
  });

  test("events at once -> one environment each up to the limit, the rest wait", async () => {
    const { runner, printed } = start(
      `let running = 0; exports.handler = async () => {
         console.log("running " + ++running);
         await new Promise((resolve) => setTimeout(resolve, 50));
         running--;
       };`,
      { concurrency: 2 },
    );
    for (let i = 0; i < 6; i++) runner.invokeAsync({});
    await runner.idle();
    expect(printed()).toEqual(Array(6).fill("running 1"));
  });

  test("warm -> the bundle is loaded before the first event", async () => {
    const { runner, printed } = start(`console.log("loaded"); exports.handler = async () => {};`);
    await runner.warm();
    expect(printed()).toEqual(["loaded"]);
    runner.invokeAsync({});
    await runner.idle();
    expect(printed()).toEqual(["loaded"]);
  });

  const broken: [string, string, RegExp][] = [
    ["throws when loaded", `throw new TypeError("no table");`, /TypeError: no table/],
    ["exports no handler", `exports.other = 1;`, /exports no function handler/],
    ["ends while loading", `process.exit(7);`, /code 7/],
  ];
  test.each(broken)("a bundle that %s -> warm says why", async (_, source, why) => {
    const { runner } = start(source);
    await expect(runner.warm()).rejects.toThrow(why);
  });
});

const ANSWER = "exports.handler = async ({ a }) => ({ send: a });";

describe("results", () => {
  test("an event succeeds -> the record of it at the success destination, none at the other", async () => {
    const { runner, successes, failures } = start(ANSWER);
    runner.invokeAsync({ a: true });
    await runner.idle();
    expect(successes).toEqual([
      {
        version: "1.0",
        timestamp: new Date(START_MS).toISOString(),
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          functionArn: `${ARN}:$LATEST`,
          condition: "Success",
          approximateInvokeCount: 1,
        },
        requestPayload: { a: true },
        responseContext: { statusCode: 200, executedVersion: "$LATEST" },
        responsePayload: { send: true },
      },
    ]);
    expect(failures).toEqual([]);
  });

  test("it succeeds at its second attempt -> the record says so; a failure is no success", async () => {
    const { runner, clock, successes } = start(
      `let attempts = 0; exports.handler = async () => { if (++attempts === 1) throw new Error("not yet"); };`,
    );
    runner.invokeAsync({});
    await runner.idle();
    expect(successes).toEqual([]);
    clock.pass(MINUTE_MS);
    await runner.idle();
    expect(successes).toMatchObject([
      { requestContext: { approximateInvokeCount: 2 }, responsePayload: null },
    ]);
  });

  test("the success destination refuses -> the log says so, and nothing is tried again", async () => {
    const { runner, log } = start(ANSWER, {
      onSuccess: () => {
        throw new Error("no permission");
      },
    });
    runner.invokeAsync({});
    await runner.idle();
    expect(log.map(({ code, level }) => [code, level])).toEqual([["result-lost", "error"]]);
    expect(runner.pendingRetries).toBe(0);
  });

  test("invoked synchronously -> the caller gets what came of the one attempt, and no destination does", async () => {
    const { runner, successes, failures } = start(
      "exports.handler = async ({ a }) => { if (a === undefined) throw new TypeError('no a'); return a; };",
    );
    expect(await runner.invoke({ a: [1] })).toEqual({ ok: true, result: "[1]" });
    expect(await runner.invoke({})).toEqual({ ok: false, errorType: "TypeError", errorMessage: "no a" });
    expect([successes, failures, runner.pendingRetries]).toEqual([[], [], 0]);
  });

  test("invoked synchronously -> it is busy until that has ended; stopped, it runs nothing more", async () => {
    const { runner } = start("exports.handler = async () => 1;");
    const outcome = runner.invoke({});
    expect(runner.busy).toBe(true);
    await runner.idle();
    expect(runner.busy).toBe(false);
    expect(await outcome).toEqual({ ok: true, result: "1" });
    await runner.stop();
    expect(await runner.invoke({})).toMatchObject({ ok: false, errorType: "Runtime.ExitError" });
  });
});

test("stopped while a function runs for ever -> ends it at once", async () => {
  const { runner, failures } = start("exports.handler = async () => { for (;;); };", { timeoutS: 60 });
  await runner.warm();
  runner.invokeAsync({});
  await runner.stop();
  await runner.idle();
  expect([failures, runner.pendingRetries]).toEqual([[], 0]);
});
