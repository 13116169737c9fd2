import { CLAIM_TRIES_MAX } from "../../../lambda/send_cluster_mail/core/claim-with-retry.ts";
import { parseConfig } from "../../../lambda/send_cluster_mail/core/config.ts";
import type { Mail } from "../../../lambda/send_cluster_mail/core/mail/mail.ts";
import { makeHandler } from "../../../lambda/send_cluster_mail/handler.ts";
import { type Crash, testCloud } from "./support/cloud.ts";
import { death, environment, recovery, state } from "./support/fixtures.ts";
import { memoryIncidents } from "./support/memory-incidents.ts";

const FIRING = "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over";
const RESOLVED = "[ha2m] RESOLVED kitchen: node 0 is back";

/** A crash, and the mails that come of it: under a second claim a mail is marked, whether or not the first went out. */
const CRASHES: readonly (Crash & { readonly mails: readonly ("plain" | "marked")[] })[] = [
  { call: "load", when: "before", mails: ["plain"] },
  { call: "load", when: "after", mails: ["plain"] },
  { call: "write", when: "before", mails: ["plain"] },
  { call: "write", when: "after", mails: ["marked"] },
  { call: "send", when: "before", mails: ["marked"] },
  { call: "send", when: "after", mails: ["plain", "marked"] },
  { call: "confirm", when: "before", mails: ["plain", "marked"] },
  { call: "confirm", when: "after", mails: ["plain"] },
];
const marksOf = (mails: readonly Mail[]) =>
  mails.map(({ text }) => (text.includes("Possible duplicate") ? "marked" : "plain"));

test("a day of the same death, then its recovery -> two mails, the rest suppressed at one request each", async () => {
  const cloud = testCloud();
  for (let wake = 0; wake < 96; wake++) await cloud.deliver(death({ minute: 15 * wake }));
  expect(cloud.calls).toHaveLength(4 + 95);
  await cloud.deliver(recovery({ minute: 15 * 96 }));
  expect(cloud.subjects()).toEqual([FIRING, RESOLVED]);
  expect(cloud.log.filter(({ send, why }) => !send && why === "already-told")).toHaveLength(95);
});

test("a mail -> load, write, send, confirm: three requests to the table", async () => {
  const cloud = testCloud();
  await cloud.deliver(death());
  expect(cloud.calls).toEqual(["load", "write", "send", "confirm"]);
});

test("a decision -> one line with its reason, its incident and the request", async () => {
  const cloud = testCloud();
  await cloud.invoke(death());
  expect(cloud.log).toEqual([
    {
      level: "info",
      message: "decision",
      send: true,
      why: "opened",
      kind: "firing",
      cluster: "kitchen",
      incident: "incident#node-dead#0",
      configured: true,
      took_over: true,
      request_id: "request-1",
    },
  ]);
});

describe.each(CRASHES)("a crash $when $call", ({ mails, ...crash }) => {
  test(`of a FIRING mail -> its retry brings ${mails.join(", ")}; RESOLVED follows`, async () => {
    const cloud = testCloud();
    cloud.plan([crash]);
    expect(await cloud.deliver(death())).toBe("done");
    expect(cloud.subjects()).toEqual(mails.map(() => FIRING));
    expect(marksOf(cloud.mails)).toEqual(mails);
    await cloud.deliver(recovery({ minute: 15 }));
    expect(cloud.subjects().slice(mails.length)).toEqual([RESOLVED]);
  });

  test(`of a RESOLVED mail -> its retry brings ${mails.join(", ")}`, async () => {
    const cloud = testCloud();
    await cloud.deliver(death());
    cloud.plan([crash]);
    expect(await cloud.deliver(recovery({ minute: 15 }))).toBe("done");
    expect(cloud.subjects()).toEqual([FIRING, ...mails.map(() => RESOLVED)]);
    expect(marksOf(cloud.mails.slice(1))).toEqual(mails);
  });
});

test("crashed for good after the claim, then reported again at the next wake -> sent, marked", async () => {
  const cloud = testCloud();
  cloud.plan([
    { call: "send", when: "before" },
    { call: "send", when: "before" },
    { call: "send", when: "before" },
  ]);
  expect(await cloud.deliver(death())).toBe("lost");
  cloud.pass(15 * 60_000);
  await cloud.deliver(death({ minute: 15 }));
  expect(cloud.subjects()).toEqual([FIRING]);
  expect(cloud.mails[0]!.text).toContain("Possible duplicate");
});

test("recovered while its FIRING mail is on its way -> the same invocation goes on with RESOLVED", async () => {
  const incidents = memoryIncidents();
  let overtaken = false;
  const cloud = testCloud({
    ...incidents,
    async confirm(...given) {
      if (!overtaken) {
        overtaken = true;
        expect(await cloud.invoke(recovery())).toMatchObject({ send: false, why: "being-told" });
      }
      return incidents.confirm(...given);
    },
  });
  await cloud.invoke(death());
  expect(cloud.subjects()).toEqual([FIRING, RESOLVED]);
});

test("recovered after its FIRING mail's attempt has crashed -> the retry brings both, in order", async () => {
  const cloud = testCloud();
  cloud.plan([{ call: "send", when: "before" }]);
  await expect(cloud.invoke(death())).rejects.toThrow("before send");
  expect(await cloud.invoke(recovery({ minute: 0.1 }))).toMatchObject({ send: false, why: "being-told" });
  cloud.pass(60_000);
  await cloud.invoke(death());
  expect(cloud.subjects()).toEqual([FIRING, RESOLVED]);
  expect(marksOf(cloud.mails)).toEqual(["marked", "plain"]);
});

test("nothing is due any more after a mail -> three requests, no fourth", async () => {
  const cloud = testCloud();
  await cloud.invoke(death());
  await cloud.invoke(recovery({ minute: 15 }));
  expect(cloud.calls).toEqual(["load", "write", "send", "confirm", "load", "write", "send", "confirm"]);
});

test("two channels, and one of them refuses its mail -> the other is told all the same", async () => {
  const config = parseConfig({
    ...environment,
    MAIL_TO: JSON.stringify([
      "broken@example.org",
      { address: "sleeper@example.org", quiet: { from: "22:00", to: "06:00", time_zone: "UTC" } },
    ]),
  });
  const told: string[] = [];
  const handler = makeHandler({
    config,
    incidents: memoryIncidents(),
    mailer: {
      async send({ to: [to] }) {
        if (to === "broken@example.org") throw new Error("MessageRejected");
        told.push(to!);
        return { accepted: [to!], refused: [] };
      },
    },
    log: () => undefined,
    clock: () => nowMs,
    newClaimId: () => `claim-${nowMs}`,
  });
  let nowMs = death().received_at;
  // Its outcome is handed on, so that subscribers hear of the mail that is out.
  expect(await handler(death(), { awsRequestId: "1" })).toMatchObject({
    send: true,
    subject: FIRING,
    mails: [{ cluster: "kitchen", incident: "incident#node-dead#0", kind: "firing", subject: FIRING }],
  });
  expect(told).toEqual(["sleeper@example.org"]);
  nowMs += 60_000;
  await expect(handler(death(), { awsRequestId: "1" })).rejects.toThrow("MessageRejected");
  expect(told).toEqual(["sleeper@example.org"]);
});

test("a mail to each of two channels, and RESOLVED to both -> the outcome names every mail", async () => {
  const MAIL_TO = JSON.stringify([
    "awake@example.org",
    { address: "early@example.org", quiet: { from: "20:00", to: "05:00", time_zone: "UTC" } },
  ]);
  const cloud = testCloud(memoryIncidents(), parseConfig({ ...environment, MAIL_TO }));
  const fired = await cloud.invoke(death());
  expect(fired.mails?.map(({ subject }) => subject)).toEqual([FIRING, FIRING]);
  const over = await cloud.invoke(recovery({ minute: 15 }));
  expect(over.mails?.map(({ kind, subject }) => [kind, subject])).toEqual([
    ["resolved", RESOLVED],
    ["resolved", RESOLVED],
  ]);
});

test("the write's answer is lost and the SDK's repetition fails its condition -> still one mail", async () => {
  const incidents = memoryIncidents();
  const cloud = testCloud({
    ...incidents,
    async write(known, next) {
      await incidents.write(known, next);
      return incidents.write(known, next);
    },
  });
  await cloud.invoke(death());
  expect(cloud.subjects()).toEqual([FIRING]);
});

test("the claim is lost before confirm -> the invocation succeeds, with a warning", async () => {
  const cloud = testCloud({ ...memoryIncidents(), confirm: async () => "claim-lost" });
  await cloud.invoke(death());
  expect(cloud.log.at(-1)).toMatchObject({ level: "warn", message: "claim-lost" });
});

test("every write loses its race -> gives up by name after its tries", async () => {
  const cloud = testCloud({ ...memoryIncidents(), write: async () => "changed-meanwhile" });
  await expect(cloud.invoke(death())).rejects.toMatchObject({ name: "ClaimContended", code: "MAIL-005" });
  expect(cloud.calls.filter((call) => call === "write")).toHaveLength(CLAIM_TRIES_MAX);
});

test("an empty seat is reported dead -> no mail, and nothing is written", async () => {
  const cloud = testCloud();
  await cloud.invoke(death({ state: { ...state, never_admitted: [0] } }));
  expect(cloud.calls).toEqual(["load"]);
});

test.each([
  ["cluster", death({ cluster_id: "attic" }), "Cluster attic is not in the configuration"],
  ["cluster named like a method", death({ cluster_id: "constructor" }), "Cluster constructor is not in"],
  ["node", death({ subject: 5 }), "without node 5"],
])(
  "a %s that is not configured -> the mail goes out and says so, and the log warns",
  async (_, event, words) => {
    const cloud = testCloud();
    await cloud.invoke(event);
    expect(cloud.mails[0]!.text).toContain(words);
    expect(cloud.log[0]).toMatchObject({ level: "warn", configured: false, send: true });
  },
);

test.each([
  ["nothing", undefined],
  ["text", "node 0 is dead"],
  ["a cluster id with a line break", { ...death(), cluster_id: "kitchen\r\nBcc: x@example.org" }],
  ["a node beyond the eighth", { ...death(), subject: 8 }],
  ["an unknown field", { ...death(), surprise: 1 }],
])("%s as an event -> refused by name, no request is made", async (_, event) => {
  const cloud = testCloud();
  await expect(cloud.invoke(event)).rejects.toMatchObject({ name: "EventUnreadable", code: "MAIL-002" });
  expect(cloud.calls).toEqual([]);
});

test.each(["2000-00-00T00:00:00.000Z", "yesterday", ""])(
  "an event that says it was %j -> told, as of its receipt",
  async (at) => {
    const cloud = testCloud();
    await cloud.invoke({ ...death(), at });
    expect(cloud.mails).toHaveLength(1);
  },
);

test("an event of another version and type -> the error says what belongs in each field, and where to read on", async () => {
  const event = { ...death(), v: 2, type: "node_alive" };
  await expect(testCloud().invoke(event as never)).rejects.toThrow(
    'MAIL-002 the event is outside the contract (v: expected 1; type: expected "node_dead" or "node_admitted" or "node_unconnected" or "setup_fault" or "setup_mended" or "sensor_failed"); see "a function failed" in RUNBOOK.md',
  );
});
