import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CrashPoint } from "../../../../simulator/local-cloud/chaos.ts";
import { ARN, type RunnerFixture, runnerFor, START_MS } from "./runner-fixture.ts";

const fixtures: RunnerFixture[] = [];
const start = (...args: Parameters<typeof runnerFor>): RunnerFixture => {
  const fixture = runnerFor(...args);
  fixtures.push(fixture);
  return fixture;
};
afterEach(() => Promise.all(fixtures.splice(0).map((fixture) => fixture.stop())));

const MINUTE_MS = 60_000;
const PRINT = `exports.handler = async (event, context) => { console.log(JSON.stringify({ event, context, now: Date.now() })); };`;

/** Three attempts, with the waits between them. */
async function untilGivenUp({ runner, clock }: RunnerFixture): Promise<void> {
  await runner.idle();
  clock.pass(MINUTE_MS);
  await runner.idle();
  clock.pass(2 * MINUTE_MS);
  await runner.idle();
}

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

describe("results", () => {
  const ANSWER = "exports.handler = async ({ a }) => ({ send: a });";

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

describe("failures", () => {
  test("throws once -> tried again after a minute of the cloud's time, with the same request id", async () => {
    const { runner, clock, log, printed, failures } = start(`
      let attempts = 0;
      exports.handler = async (event, { awsRequestId }) => {
        console.log(awsRequestId);
        if (++attempts === 1) throw new Error("not yet");
      };`);
    runner.invokeAsync({});
    await runner.idle();
    expect(runner.pendingRetries).toBe(1);
    clock.pass(MINUTE_MS - 1);
    await runner.idle();
    expect(printed()).toHaveLength(1);
    clock.pass(1);
    await runner.idle();
    const [first, second, ...rest] = printed();
    expect([second, rest]).toEqual([first, []]);
    expect(log.find(({ code }) => code === "attempt-failed")).toMatchObject({
      level: "warn",
      text: expect.stringContaining("not yet"),
    });
    expect([failures, runner.pendingRetries]).toEqual([[], 0]);
  });

  test("throws always -> three attempts, then the record at the failure destination", async () => {
    const fixture = start(`exports.handler = async () => { throw new RangeError("never"); };`);
    fixture.runner.invokeAsync({ a: [1] });
    await untilGivenUp(fixture);
    expect(fixture.failures).toEqual([
      {
        version: "1.0",
        timestamp: new Date(START_MS + 3 * MINUTE_MS).toISOString(),
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          functionArn: `${ARN}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: 3,
        },
        requestPayload: { a: [1] },
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload: { errorType: "RangeError", errorMessage: "never" },
      },
    ]);
    expect(fixture.runner.pendingRetries).toBe(0);
  });

  test("what Lambda counts of it -> attempts, errors at the time of each attempt, what no destination took, and the lines' metrics", async () => {
    const counted: string[] = [];
    const fixture = start(
      `exports.handler = async () => {
        console.log(JSON.stringify({ sold: 3, _aws: { Timestamp: ${START_MS}, CloudWatchMetrics: [
          { Namespace: "shop", Dimensions: [[]], Metrics: [{ Name: "sold" }] },
        ] } }));
        throw new Error("x");
      };`,
      {
        onFailure: () => {
          throw new Error("no permission");
        },
        metrics: {
          wants: () => true,
          take: ({ namespace, metric, dimensions, value, at }) =>
            counted.push(
              `${namespace} ${metric} ${dimensions.FunctionName ?? "-"} ${value} at ${(at - START_MS) / MINUTE_MS}`,
            ),
        },
      },
    );
    fixture.runner.invokeAsync({});
    await untilGivenUp(fixture);
    const attempts = [0, 1, 3].flatMap((minute) => [
      `AWS/Lambda Errors f 1 at ${minute}`,
      `AWS/Lambda Invocations f 1 at ${minute}`,
    ]);
    const expected = [
      ...attempts,
      "AWS/Lambda DestinationDeliveryFailures f 1 at 3",
      ...Array.from({ length: 3 }, () => "shop sold - 3 at 0"),
    ];
    expect(counted.toSorted()).toEqual(expected.toSorted());
  });

  test("no failure destination, or one that refuses -> the event is lost, and the log says so", async () => {
    const refusing = () => {
      throw new Error("no permission");
    };
    for (const onFailure of [undefined, refusing]) {
      const { runner, log } = start(`exports.handler = async () => { throw new Error("x"); };`, {
        retries: 0,
        onFailure,
      });
      runner.invokeAsync({});
      await runner.idle();
      expect(log.filter(({ code, level }) => code === "event-lost" && level === "error")).toHaveLength(1);
    }
  });

  test("older than the event age allows when its retry would come -> given up at once", async () => {
    const { runner, failures } = start(`exports.handler = async () => { throw new Error("x"); };`, {
      eventAgeMaxS: 59,
    });
    runner.invokeAsync({});
    await runner.idle();
    expect(failures).toMatchObject([
      { requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 1 } },
    ]);
    expect(runner.pendingRetries).toBe(0);
  });

  test("the last attempt fails when the event is too old as well -> its retries are what is exhausted", async () => {
    const { runner, failures } = start(`exports.handler = async () => { throw new Error("x"); };`, {
      retries: 0,
      eventAgeMaxS: 59,
    });
    runner.invokeAsync({});
    await runner.idle();
    expect(failures).toMatchObject([{ requestContext: { condition: "RetriesExhausted" } }]);
  });

  const deaths: [what: string, source: string, errorType: RegExp, errorMessage: RegExp][] = [
    ["calls process.exit", `exports.handler = async () => process.exit(3);`, /ExitError/, /3/],
    ["loops for ever", `exports.handler = async () => { for (;;); };`, /Sandbox\.Timedout/, /1/],
    [
      "never answers",
      `exports.handler = () => new Promise(() => setInterval(() => {}, 1000));`,
      /Sandbox\.Timedout/,
      /1/,
    ],
    [
      "takes all memory",
      `exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); };`,
      /OutOfMemory/,
      /memory/,
    ],
    [
      "throws in a timer",
      `exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("late"); }, 1));`,
      /Error/,
      /late/,
    ],
    [
      "leaves a rejection unhandled",
      `exports.handler = () => new Promise(() => { Promise.reject(new Error("unheard")); });`,
      /./,
      /unheard/,
    ],
  ];
  test.each(deaths)(
    "%s -> a failed attempt, and a new environment for the next event",
    async (how, source, errorType, errorMessage) => {
      // Those that only the time-out ends want it soon; on a busy machine the others may need longer than that.
      const timeoutS = ["never answers", "loops for ever"].includes(how) ? 1 : 30;
      const { runner, failures, printed } = start(
        `const harm = (() => { const exports = {}; ${source} return exports.handler; })();
       let served = 0;
       exports.handler = async (event) => (event.harm ? harm() : console.log("served " + ++served));`,
        { retries: 0, timeoutS, memoryMb: 64 },
      );
      runner.invokeAsync({});
      await runner.idle();
      runner.invokeAsync({ harm: true });
      await runner.idle();
      expect(failures).toMatchObject([
        {
          responsePayload: {
            errorType: expect.stringMatching(errorType),
            errorMessage: expect.stringMatching(errorMessage),
          },
        },
      ]);
      runner.invokeAsync({});
      await runner.idle();
      expect(printed()).toEqual(["served 1", "served 1"]);
    },
  );
});

test("stopped while a retry waits -> it never comes", async () => {
  const { runner, clock, printed } = start(
    `exports.handler = async () => { console.log("x"); throw new Error("x"); };`,
  );
  runner.invokeAsync({});
  await runner.idle();
  await runner.stop();
  clock.pass(10 * MINUTE_MS);
  await runner.idle();
  expect([printed(), runner.pendingRetries <= 1]).toEqual([["x"], true]);
});

test("stopped while a function runs for ever -> ends it at once", async () => {
  const { runner, failures } = start("exports.handler = async () => { for (;;); };", { timeoutS: 60 });
  await runner.warm();
  runner.invokeAsync({});
  await runner.stop();
  await runner.idle();
  expect([failures, runner.pendingRetries]).toEqual([[], 0]);
});

describe("an attempt that chaos ends", () => {
  test.each<[string, CrashPoint, number]>([
    ["before its request", { request: 1, moment: "before" }, 0],
    ["after its request", { request: 1, moment: "after" }, 1],
    ["before a request that it does not make: before its result", { request: 2, moment: "before" }, 1],
  ])("%s -> as a crash, tried again in a minute", async (_, point, requests) => {
    let met = 0;
    const server = createServer((_request, response) => {
      met += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const points = [point];
    const { runner, clock, log, successes } = start(
      `const http = require("node:http");
      exports.handler = () => new Promise((resolve, reject) => {
        http.request({ host: "127.0.0.1", port: ${port}, agent: false }, (response) => response.resume().on("end", resolve)).on("error", reject).end();
      });`,
      { chaos: { crashPoint: () => points.shift() } },
    );
    runner.invokeAsync({});
    await runner.idle();
    expect(log.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^attempt 1 failed, again in 60 s: Runtime\.ExitError/),
    ]);
    expect([met, successes]).toEqual([requests, []]);
    clock.pass(MINUTE_MS);
    await runner.idle();
    expect([met, successes.length]).toEqual([requests + 1, 1]);
    await new Promise((resolve) => server.close(resolve));
  });
});
