/** Attempts that fail: retries, deaths, deadlines, and where the record goes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CrashPoint } from "../../../../simulator/local-cloud/chaos.ts";
import { ARN, type RunnerFixture, START_MS } from "./runner-fixture.ts";
import { MINUTE_MS, start, stopAll } from "./started-runners.ts";

/** Three attempts, with the waits between them. */
async function untilGivenUp({ runner, clock }: RunnerFixture): Promise<void> {
  await runner.idle();
  clock.pass(MINUTE_MS);
  await runner.idle();
  clock.pass(2 * MINUTE_MS);
  await runner.idle();
}

afterEach(stopAll);

describe("an attempt that fails", () => {
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
});

describe("an environment that ends", () => {
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

describe("an event that is given up", () => {
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
