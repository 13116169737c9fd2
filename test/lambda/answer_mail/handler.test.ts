/** A link in a mail, and what comes of it. */
import { createHash } from "node:crypto";
import type { Answers } from "../../../lambda/adapters/answers.ts";
import { makeHandler } from "../../../lambda/answer_mail/handler.ts";
import type { Answer } from "../../../lambda/core/answer.ts";
import { type Answerable, signAnswerToken } from "../../../lambda/core/answer-token.ts";
import { INCIDENT_KINDS } from "../../../lib/contract/incidents.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const DAY_MS = 86_400_000;
const key = new TextEncoder().encode("k".repeat(64));
const about: Answerable = {
  clusterId: "kitchen",
  kind: "node-dead",
  subject: 0,
  episode: 3,
  expiresMs: NOW_MS + DAY_MS,
};
const token = signAnswerToken(about, key);

interface Noted {
  readonly episode: number | undefined;
  readonly answer: Answer;
}

/** The function, with what it noted and logged. */
function answering(result: "noted" | "not-firing" | Error = "noted", names: readonly string[] = []) {
  const noted: Noted[] = [];
  const log: Record<string, unknown>[] = [];
  const answers: Answers = {
    note: async (_, episode, answer) => {
      if (result instanceof Error) throw result;
      noted.push({ episode, answer });
      return result;
    },
  };
  const handler = makeHandler({
    answers,
    key: async () => key,
    names,
    log: (entry) => void log.push({ ...entry }),
    clock: () => NOW_MS,
  });
  const ask = (method: string, query = `t=${token}`, body?: string, encoded = false) =>
    handler(
      {
        version: "2.0",
        routeKey: "$default",
        rawPath: "/",
        rawQueryString: query,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        requestContext: { http: { method, path: "/", sourceIp: "192.0.2.1" } },
        ...(body === undefined ? {} : { body }),
        isBase64Encoded: encoded,
      },
      { awsRequestId: "request-1" },
    );
  return { ask, noted, log };
}

test.each(["GET", "HEAD"])(
  "%s, as programs that look into links do -> a page with buttons, nothing done",
  async (method) => {
    const { ask, noted, log } = answering();
    const { statusCode, body } = await ask(method);
    expect(statusCode).toBe(200);
    expect(body).toContain("<h1>kitchen: node 0 stopped</h1>");
    expect(body).toContain("Nothing has been done yet");
    expect([...body.matchAll(/<button name="answer" value="([^"]+)"/g)].map(([, value]) => value)).toEqual([
      "acknowledge",
      "snooze-1d",
      "snooze-7d",
    ]);
    expect(noted).toEqual([]);
    expect(log).toEqual([
      {
        level: "info",
        message: "answer",
        why: "asked",
        cluster: "kitchen",
        incident: "incident#node-dead#0",
        request_id: "request-1",
      },
    ]);
  },
);

test.each([
  ["acknowledge", { kind: "acknowledge" }, "Acknowledged"],
  ["snooze-1d", { kind: "snooze", untilMs: NOW_MS + DAY_MS }, "No reminders come until 2026-01-02 12:00 UTC"],
  [
    "snooze-7d",
    { kind: "snooze", untilMs: NOW_MS + 7 * DAY_MS },
    "No reminders come until 2026-01-08 12:00 UTC",
  ],
])("POST of %s -> noted for this very episode, and said", async (name, answer, said) => {
  const { ask, noted, log } = answering();
  const { statusCode, body } = await ask("POST", `t=${token}`, `answer=${name}`);
  expect(statusCode).toBe(200);
  expect(body).toContain(said);
  expect(noted).toEqual([{ episode: 3, answer }]);
  expect(log).toMatchObject([{ why: "noted", answer: name }]);
});

test("POST with its body in base64, as a function URL may hand it on -> the same", async () => {
  const { ask, noted } = answering();
  await ask("POST", `t=${token}`, Buffer.from("answer=acknowledge").toString("base64"), true);
  expect(noted).toHaveLength(1);
});

test("POST to an incident that is over, or in another episode -> 409, said so", async () => {
  const { ask, log } = answering("not-firing");
  const { statusCode, body } = await ask("POST", `t=${token}`, "answer=acknowledge");
  expect(statusCode).toBe(409);
  expect(body).toContain("the newest mail about it has the link that works");
  expect(log).toMatchObject([{ level: "info", why: "not-firing" }]);
});

test("DynamoDB fails -> 503, an error in the log, the command that does the same", async () => {
  const { ask, log } = answering(new Error("<slow>"));
  const { statusCode, body } = await ask("POST", `t=${token}`, "answer=acknowledge");
  expect(statusCode).toBe(503);
  expect(body).toContain("npm run acknowledge -- kitchen node-dead 0");
  expect(body).not.toContain("slow");
  expect(log).toMatchObject([{ level: "error", why: "unavailable", error: "Error: <slow>" }]);
});

const expired = signAnswerToken({ ...about, expiresMs: NOW_MS }, key);
const forged = signAnswerToken(about, new TextEncoder().encode("K".repeat(64)));
const otherEpisode = token.replace(".0.3.", ".0.4.");

test.each([
  ["expired", `t=${expired}`, 410],
  ["forged", `t=${forged}`, 403],
  ["forged", `t=${otherEpisode}`, 403],
  ["malformed", `t=${token.slice(0, 40)}`, 400],
  ["malformed", "", 400],
  ["malformed", `t=%FF%00&t=${token}`, 400],
])("%s link %j -> %d, whatever it asks for; nothing noted", async (why, query, status) => {
  for (const method of ["GET", "POST", "PUT"]) {
    const { ask, noted, log } = answering();
    const { statusCode, body } = await ask(method, query, "answer=acknowledge");
    expect(statusCode).toBe(status);
    expect(body).toContain("Nothing was changed");
    expect(body).not.toContain("<form");
    expect(noted).toEqual([]);
    expect(log).toEqual([{ level: "warn", message: "answer", why, request_id: "request-1" }]);
  }
});

test.each([
  "",
  "answer=",
  "answer=constructor",
  "answer=snooze-99d",
  `x=${"y".repeat(5_000)}&answer=acknowledge`,
])("POST of %.30j -> 400, nothing noted", async (body) => {
  const { ask, noted } = answering();
  expect((await ask("POST", `t=${token}`, body)).statusCode).toBe(400);
  expect(noted).toEqual([]);
});

test("another method -> 405 with what is allowed", async () => {
  const { ask, noted } = answering();
  const { statusCode, headers } = await ask("DELETE");
  expect(statusCode).toBe(405);
  expect(headers.allow).toBe("GET, HEAD, POST");
  expect(noted).toEqual([]);
});

test("every page -> kept nowhere, framed nowhere, nothing fetched but the form's own way back", async () => {
  const pages = await Promise.all([
    answering().ask("GET"),
    answering().ask("POST", `t=${token}`, "answer=acknowledge"),
    answering("not-firing").ask("POST", `t=${token}`, "answer=acknowledge"),
    answering().ask("GET", `t=${expired}`),
    answering().ask("GET", "t=1"),
    answering().ask("PATCH"),
  ]);
  for (const { headers, body } of pages) {
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    const style = /<style>([\s\S]*)<\/style>/.exec(body)![1]!;
    const policy = headers["content-security-policy"]!.split("; ");
    expect(policy).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(body).not.toMatch(/\bsrc=|\bhref=|\bstyle=|<script/);
  }
});

test.each(INCIDENT_KINDS)(
  "an incident of kind %s -> the page says what it is about, in words",
  async (kind) => {
    const { ask } = answering();
    const { body } = await ask("GET", `t=${signAnswerToken({ ...about, kind, subject: 1 }, key)}`);
    expect(/<h1>kitchen: ([^<]{8,})<\/h1>/.exec(body)?.[1]).not.toContain("undefined");
  },
);

test("an incident of the backend -> its command quotes the asterisk", async () => {
  const backend = signAnswerToken(
    { ...about, clusterId: "*", kind: "backend-failing", expiresMs: NOW_MS },
    key,
  );
  const { body } = await answering().ask("GET", `t=${encodeURIComponent(backend)}`);
  expect(body).toContain("npm run acknowledge -- &#39;*&#39; backend-failing 0");
});

test("something that no function URL sends -> an error, which Lambda reports", async () => {
  const handler = makeHandler({
    answers: { note: async () => "noted" },
    key: async () => key,
    names: [],
    log: () => {},
    clock: () => NOW_MS,
  });
  await expect(handler({ version: "1.0" }, { awsRequestId: "r" })).rejects.toThrow();
});

describe("who it is", () => {
  const names = ["ann", "bob@example.net", "bob@example.org"];

  test("several get mails -> the page asks, and a browser does not send it unanswered", async () => {
    const { body } = await answering("noted", names).ask("GET");
    const asked = [...body.matchAll(/<input type="radio" name="by" value="([^"]*)" required>/g)];
    expect(asked.map(([, value]) => value)).toEqual([...names, ""]);
    expect((await answering("noted", ["ann"]).ask("GET")).body).not.toContain("<input");
  });

  test.each([
    ["acknowledge", "by=bob%40example.net", { kind: "acknowledge", by: "bob@example.net" }],
    ["acknowledge", "by=", { kind: "acknowledge" }],
    ["snooze-1d", "by=ann", { kind: "snooze", untilMs: NOW_MS + DAY_MS }],
  ])("POST of %s, %s -> %j", async (answer, by, expected) => {
    const { ask, noted } = answering("noted", names);
    const { statusCode, body } = await ask("POST", `t=${token}`, `answer=${answer}&${by}`);
    expect(statusCode).toBe(200);
    expect(noted).toEqual([{ episode: 3, answer: expected }]);
    expect(body.includes("bob@example.net handles it")).toBe("by" in expected);
  });

  test("one alone gets mails -> it is them, and nobody else is told", async () => {
    const { ask, noted } = answering("noted", ["ann"]);
    const { body } = await ask("POST", `t=${token}`, "answer=acknowledge");
    expect(noted).toEqual([{ episode: 3, answer: { kind: "acknowledge", by: "ann" } }]);
    expect(body).not.toContain("others");
  });

  test.each(["mallory", "ANN", "__proto__", "<b>ann</b>"])(
    "a name that is none of ours, %s -> refused, and nothing is noted",
    async (name) => {
      const { ask, noted } = answering("noted", names);
      const body = `answer=acknowledge&by=${encodeURIComponent(name)}`;
      expect((await ask("POST", `t=${token}`, body)).statusCode).toBe(400);
      expect(noted).toEqual([]);
    },
  );
});
