import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import type { Outcome } from "../../../../simulator/local-cloud/functions/environment.ts";
import { startFunctionUrl } from "../../../../simulator/local-cloud/functions/function-url.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ARN, ManualClock, START_MS } from "./runner-fixture.ts";

const resource = (properties: Readonly<Record<string, unknown>> = {}): ResolvedResource => ({
  stack: "S",
  logicalId: "Url",
  type: "AWS::Lambda::Url",
  name: "S-Url",
  arn: "S-Url",
  properties: { AuthType: "NONE", TargetFunctionArn: ARN, ...properties },
});

const urls: Front[] = [];
afterEach(() => Promise.all(urls.splice(0).map((url) => url.stop())));

type Event = Readonly<Record<string, unknown>> & { readonly requestContext: Record<string, unknown> };

async function open(answer: () => Promise<Outcome> | Outcome) {
  const events: Event[] = [];
  const refusals: string[] = [];
  const url = await startFunctionUrl(resource(), {
    clock: new ManualClock(),
    invoke: async (functionArn, event) => {
      expect(functionArn).toBe(ARN);
      events.push(event as Event);
      return answer();
    },
    onRefused: (text) => refusals.push(text),
    onError: (error) => refusals.push(String(error)),
  });
  urls.push(url);
  return { url, events, refusals };
}

const returns = (result: unknown) => (): Outcome => ({ ok: true, result: JSON.stringify(result) });

describe("a request -> an event of format 2.0", () => {
  test("path, query, headers, cookies and time", async () => {
    const { url, events } = await open(returns({ statusCode: 204 }));
    await fetch(`${url.endpoint}/a%20b?x=1&y=%26&x=2`, {
      headers: { "X-Asked": "yes", cookie: "a=1; b=2", "user-agent": "test" },
    });
    expect(events).toEqual([
      {
        version: "2.0",
        routeKey: "$default",
        rawPath: "/a%20b",
        rawQueryString: "x=1&y=%26&x=2",
        cookies: ["a=1", "b=2"],
        headers: expect.objectContaining({ "x-asked": "yes", host: `127.0.0.1:${url.port}` }),
        queryStringParameters: { x: "1,2", y: "&" },
        requestContext: expect.objectContaining({
          accountId: "anonymous",
          http: {
            method: "GET",
            path: "/a%20b",
            protocol: "HTTP/1.1",
            sourceIp: "127.0.0.1",
            userAgent: "test",
          },
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          stage: "$default",
          time: "01/Jun/2030:00:00:00 +0000",
          timeEpoch: START_MS,
        }),
        isBase64Encoded: false,
      },
    ]);
    expect(events[0]?.headers).not.toHaveProperty("cookie");
  });

  test.each<[string, string, string, boolean]>([
    ["application/json", '{"a":"ü"}', '{"a":"ü"}', false],
    ["text/plain;charset=utf-8", "ü", "ü", false],
    ["application/x-www-form-urlencoded", "a=1", "YT0x", true],
    ["application/octet-stream", "a=1", "YT0x", true],
  ])("a body of type %s", async (type, sent, body, isBase64Encoded) => {
    const { url, events } = await open(returns({ statusCode: 200 }));
    await fetch(url.endpoint, { method: "POST", body: sent, headers: { "content-type": type } });
    expect(events).toMatchObject([{ body, isBase64Encoded }]);
  });
});

describe("what the function returns -> the response", () => {
  test("status, headers, cookies and body", async () => {
    const { url } = await open(
      returns({
        statusCode: 418,
        headers: { "Content-Type": "text/html", "X-Kept": "yes" },
        cookies: ["a=1", "b=2"],
        body: "<p>ü",
      }),
    );
    const answer = await fetch(url.endpoint);
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-kept")]).toEqual([
      418,
      "text/html",
      "yes",
    ]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await answer.text()).toBe("<p>ü");
  });

  test("a body in base64 -> its bytes", async () => {
    const { url } = await open(returns({ statusCode: 200, body: "AP8=", isBase64Encoded: true }));
    expect([...new Uint8Array(await (await fetch(url.endpoint)).arrayBuffer())]).toEqual([0, 255]);
  });

  test.each<[string, unknown, string]>([
    ["a text", "done", '"done"'],
    ["an object without a status", { done: true }, '{"done":true}'],
    ["nothing", null, "null"],
  ])("%s -> 200, as JSON", async (_, result, body) => {
    const { url } = await open(returns(result));
    const answer = await fetch(url.endpoint);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "application/json",
      body,
    ]);
  });
});

test("the function throws -> 502 without its reason, which the log gets", async () => {
  const { url, refusals } = await open(() => ({ ok: false, errorType: "TypeError", errorMessage: "no key" }));
  const answer = await fetch(url.endpoint);
  expect([answer.status, await answer.json()]).toEqual([502, { Message: "Internal Server Error" }]);
  expect(refusals).toEqual(["TypeError: no key"]);
});

test("the function does not let everybody -> 403, and the log says why", async () => {
  const { url, refusals } = await open(() =>
    Promise.reject(new Error("AccessDeniedException: no permission")),
  );
  const answer = await fetch(url.endpoint);
  expect([answer.status, await answer.json()]).toEqual([403, { Message: "Forbidden" }]);
  expect(refusals).toEqual(["Error: AccessDeniedException: no permission"]);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ["signed requests only", { AuthType: "AWS_IAM" }, /S\/Url: the auth type AWS_IAM is not emulated; NONE is/],
  ["streaming", { InvokeMode: "RESPONSE_STREAM" }, /S\/Url: the invoke mode RESPONSE_STREAM/],
  ["other origins", { Cors: {} }, /S\/Url: not emulated: Cors/],
])("a URL that asks for %s -> refused by name", async (_, properties, message) => {
  const options = {
    clock: new ManualClock(),
    invoke: async () => returns(null)(),
    onRefused() {},
    onError() {},
  };
  await expect(async () => startFunctionUrl(resource(properties), options)).rejects.toThrow(message);
});
