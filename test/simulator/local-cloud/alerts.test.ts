/** The parts together, of what comes about without a message: sweeps on their schedule, and the other ways out. */
import { setTimeout as delay } from "node:timers/promises";
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../../simulator/cli/shared/cdk-json.ts";
import { AssemblyCopy, ComposedCloud } from "./composed-cloud.ts";
import { START_MS } from "./functions/runner-fixture.ts";
import { death, reading } from "./support/messages.ts";

// Ceilings for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(60_000);

let assemblyDir: string;
let composed: ComposedCloud;
let copy: AssemblyCopy | undefined;
beforeEach(() => {
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy?.remove();
});

const copyOf = (assemblyDir: string): AssemblyCopy => {
  copy = new AssemblyCopy(assemblyDir);
  return copy;
};

const readingAt = (quarterHours: number): string =>
  reading({ measured_at: new Date(START_MS + quarterHours * 900_000).toISOString(), seq: quarterHours });

const subjects = () => composed.mails.map(({ subject }) => subject);

describe("sweeps", () => {
  beforeAll(async () => {
    assemblyDir = await freshAssembly(() => undefined);
  });

  test("a cluster that was heard of falls silent -> one mail, by schedule, sweep, invocation and send; one when it is back", async () => {
    await composed.start(assemblyDir);
    await composed.publish("reading", 0, readingAt(0));
    // Overdue after 60 minutes: four times its sleep.
    await composed.pass(3);
    expect(subjects()).toEqual([]);
    await composed.pass(1);
    expect(subjects()).toEqual([expect.stringMatching(/^\[ha2m\] FIRING kitchen: /)]);
    await composed.pass(8);
    expect(subjects()).toHaveLength(1);
    await composed.publish("reading", 0, readingAt(12));
    await composed.pass(1);
    expect(subjects().slice(1)).toEqual([expect.stringMatching(/^\[ha2m\] RESOLVED kitchen: /)]);
    await composed.publish("reading", 0, readingAt(13));
    await composed.pass(1);
    expect(subjects()).toHaveLength(2);
    expect(composed.cloud.queued()).toEqual({});
    expect(composed.texts("request-refused")).toEqual([]);
  });

  test("a cluster that was never heard of -> a sweep every quarter of an hour, the first at once, and no mail", async () => {
    await composed.start(assemblyDir);
    composed.clock.pass(0);
    await composed.cloud.idle();
    await composed.pass(8);
    const sweeps = composed.log.filter(({ fields }) => fields?.message === "sweep");
    expect(sweeps.map(({ at }) => at)).toEqual(Array.from({ length: 9 }, (_, i) => START_MS + i * 900_000));
    expect(composed.mails).toEqual([]);
    expect(composed.cloud.queued()).toEqual({});
  });

  test("the cloud is stopped -> no sweep comes any more", async () => {
    await composed.start(assemblyDir);
    await composed.pass(1);
    await composed.stop();
    const logged = composed.log.length;
    composed.clock.pass(3_600_000);
    await delay(0);
    expect(composed.log).toHaveLength(logged);
  });
});

describe("failures of the backend, and sweeps", () => {
  beforeAll(async () => {
    assemblyDir = await freshAssembly(() => undefined);
  });

  test("an event that nobody can read -> given up, counted by a sweep within the hour, and one mail that names its queue", async () => {
    await composed.start(assemblyDir);
    await composed.publish("event", 1, "no event");
    await composed.settle();
    await composed.pass(4);
    expect(subjects()).toEqual([expect.stringMatching(/^\[ha2m\] FIRING /)]);
    expect(composed.mails[0]?.text).toContain("failures of send_cluster_mail");
    await composed.pass(4);
    expect(subjects()).toHaveLength(1);
  });

  test("a sweep that may not signal -> tried again, then in its failure queue; the log names role and action", async () => {
    copyOf(assemblyDir).forbid("SweepClustersRole", "SignalMail");
    await composed.start(copy!.dir);
    await composed.publish("reading", 0, readingAt(0));
    await composed.pass(4);
    await composed.settle();
    expect(composed.mails).toEqual([]);
    expect(composed.texts("request-refused")[0]).toMatch(
      /SweepClustersRole\w* is not authorized to perform lambda:InvokeFunction on ".*:function:ha2m-send_cluster_mail"/,
    );
    expect(composed.queued).toMatchObject([
      {
        queue: expect.stringMatching(/SweepClustersFailures/),
        body: {
          requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
          requestPayload: { scheduled_time: "2030-06-01T01:00:00Z" },
        },
      },
    ]);
  });

  test("a schedule that may not start the sweep -> the sweep's time in the failure queue", async () => {
    copyOf(assemblyDir).forbid("SweepClustersScheduleRole", "Sweep");
    await composed.start(copy!.dir);
    await composed.pass(1);
    expect(composed.queued).toEqual(
      ["2030-06-01T00:00:00Z", "2030-06-01T00:15:00Z"].map((scheduled_time) => ({
        queue: expect.stringMatching(/SweepClustersFailures/),
        body: { scheduled_time },
      })),
    );
    expect(composed.texts("schedule-failed")).toHaveLength(2);
  });
});

describe("what is off by default", () => {
  beforeAll(async () => {
    const { ha2m } = readCdkJson().context;
    const sns = [{ protocol: "sms", endpoint: "+447700900123" }];
    const on = { notify: { event_bus: true, sns }, answer: { links: true } };
    assemblyDir = await freshAssembly(() => undefined, { ha2m: { ...(ha2m as object), ...on } });
  });

  test("an event bus and somebody to tell by SNS -> an event for each decision, and one line for the mail alone", async () => {
    await composed.start(assemblyDir);
    await composed.publish("event", 1, death());
    await composed.cloud.idle();
    await composed.publish("event", 1, death());
    await composed.cloud.idle();
    const events = composed.log.filter(({ code }) => code === "event-put").map(({ fields }) => fields);
    expect(events).toMatchObject([
      {
        source: "lambda",
        "detail-type": "Lambda Function Invocation Result - Success",
        detail: {
          requestPayload: { cluster_id: "kitchen", type: "node_dead" },
          responsePayload: { send: true, cluster: "kitchen", incident: "incident#node-dead#0" },
        },
      },
      { detail: { responsePayload: { send: false, why: "already-told" } } },
    ]);
    expect(composed.texts("notice-published")).toEqual([
      "to sms +447700900123: [ha2m] FIRING kitchen: node 0 stopped, node 1 took over",
    ]);
    expect(composed.mails).toHaveLength(1);
  });

  test("links to answer -> the one in the mail shows a page, its button acknowledges; a forged one does nothing", async () => {
    await composed.start(assemblyDir);
    const { urls } = composed.cloud;
    expect(urls).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/)]);
    await composed.publish("event", 1, death());
    await composed.cloud.idle();
    const link = /http:\/\/127\.0\.0\.1:\S+/.exec(composed.mails[0]?.text ?? "")?.[0] ?? "";
    expect(link.startsWith(urls[0] ?? "none")).toBe(true);

    const shown = await fetch(link);
    expect([shown.status, shown.headers.get("content-type")]).toEqual([
      200,
      expect.stringMatching(/^text\/html/),
    ]);
    const post = (url: string) =>
      fetch(url, { method: "POST", body: new URLSearchParams({ answer: "acknowledge" }) });
    expect((await post(link)).status).toBe(200);
    const forged = await post(`${link.slice(0, -4)}AAAA`);
    expect(forged.status).toBeGreaterThanOrEqual(400);
    expect(
      composed.log.filter(({ fields }) => fields?.message === "answer").map(({ fields }) => fields?.why),
    ).toEqual(["asked", "noted", "forged"]);
  });
});
