import {
  type LambdaFrontOptions,
  startLambdaFront,
} from "../../../../simulator/local-cloud/api/lambda-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:send";

const fronts: Front[] = [];
afterEach(() => Promise.all(fronts.splice(0).map((front) => front.stop())));

async function open(options: Partial<LambdaFrontOptions> = {}) {
  const invoked: { readonly functionArn: string; readonly payload: unknown }[] = [];
  const denials: string[] = [];
  const front = await startLambdaFront({
    find: async (name) => (name === "send" || name === ARN ? ARN : undefined),
    invoke: async (functionArn, payload) => void invoked.push({ functionArn, payload }),
    invokeAndWait: async (functionArn, payload) => {
      invoked.push({ functionArn, payload });
      return { ok: true, result: '{"b":2}' };
    },
    refuse: () => undefined,
    onDenied: (text) => denials.push(text),
    onError: (error) => denials.push(String(error)),
    ...options,
  });
  fronts.push(front);
  const ask = async (changes: Readonly<Record<string, string>> = {}) => {
    const { name = "send", type = "Event", body = '{"a":1}', path, method = "POST" } = changes;
    const answer = await fetch(
      `${front.endpoint}${path ?? `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`}`,
      {
        method,
        body: method === "GET" ? null : body,
        headers: {
          "x-amz-invocation-type": type,
          ...(changes.anonymous === undefined
            ? { authorization: "AWS4-HMAC-SHA256 Credential=AKIA1/20300601/us-east-1/lambda/aws4_request" }
            : {}),
        },
      },
    );
    const code = answer.headers.get("x-amzn-errortype");
    const failed = answer.headers.get("x-amz-function-error");
    return { status: answer.status, code, body: await answer.text(), ...(failed === null ? {} : { failed }) };
  };
  return { ask, invoked, denials };
}

test.each(["send", ARN])(
  "an Event invocation of %s -> 202 without a body, and the function gets the payload",
  async (name) => {
    const { ask, invoked, denials } = await open();
    expect(await ask({ name })).toEqual({ status: 202, code: null, body: "" });
    expect(invoked).toEqual([{ functionArn: ARN, payload: { a: 1 } }]);
    expect(denials).toEqual([]);
  },
);

test("a RequestResponse invocation -> 200 with what the function returned", async () => {
  const { ask, invoked } = await open();
  expect(await ask({ type: "RequestResponse", body: JSON.stringify("x".repeat(1_048_576)) })).toEqual({
    status: 200,
    code: null,
    body: '{"b":2}',
  });
  expect(invoked).toHaveLength(1);
});

test("a RequestResponse invocation that fails -> 200 all the same, marked as failed, with the error", async () => {
  const { ask } = await open({
    invokeAndWait: async () => ({ ok: false, errorType: "EventUnreadable", errorMessage: "MAIL-002 …" }),
  });
  expect(await ask({ type: "RequestResponse" })).toEqual({
    status: 200,
    code: null,
    failed: "Unhandled",
    body: '{"errorType":"EventUnreadable","errorMessage":"MAIL-002 …","trace":[]}',
  });
});

test("the caller's role may not -> AccessDeniedException, asked with its key, action and function; nothing runs", async () => {
  const asked: string[][] = [];
  const { ask, invoked, denials } = await open({
    refuse: (...call) => {
      asked.push(call);
      return "r is not authorized";
    },
  });
  expect(await ask()).toEqual({
    status: 403,
    code: "AccessDeniedException",
    body: '{"Type":"User","message":"r is not authorized"}',
  });
  expect(asked).toEqual([["AKIA1", "lambda:InvokeFunction", ARN]]);
  expect(denials).toEqual(["AccessDeniedException: r is not authorized"]);
  expect(invoked).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, number, string]>([
  ["another invocation type", { type: "DryRun" }, 400, "InvalidParameterValueException"],
  ["no credentials", { anonymous: "yes" }, 403, "MissingAuthenticationTokenException"],
  ["a function that there is not", { name: "other" }, 404, "ResourceNotFoundException"],
  ["a version of a function", { name: `${ARN}:3` }, 404, "ResourceNotFoundException"],
  ["another operation", { path: "/2015-03-31/functions/", method: "GET" }, 404, "UnknownOperationException"],
  ["a payload that is no JSON", { body: "{" }, 400, "InvalidRequestContentException"],
  ["more than 1 MB", { body: JSON.stringify("x".repeat(1_048_576)) }, 413, "RequestTooLargeException"],
  [
    "more than 6 MB to be answered",
    { type: "RequestResponse", body: JSON.stringify("x".repeat(6 * 1_048_576)) },
    413,
    "RequestTooLargeException",
  ],
])("%s -> refused by name, and nothing runs", async (_, changes, status, code) => {
  const { ask, invoked, denials } = await open();
  expect(await ask(changes)).toMatchObject({ status, code });
  expect(denials).toEqual([expect.stringMatching(new RegExp(`^${code}: `))]);
  expect(invoked).toEqual([]);
});

test("no payload at all -> the function gets an empty object", async () => {
  const { ask, invoked } = await open();
  await ask({ body: "" });
  expect(invoked).toEqual([{ functionArn: ARN, payload: {} }]);
});
