/** What a reading, a mail and a sweep come to in requests: counted where the local cloud takes them. */
import { type IncomingMessage, Server } from "node:http";
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { type Traffic, usageOf } from "../../../simulator/cost/usage.ts";
import type { Front } from "../../../simulator/local-cloud/api/server.ts";
import { ComposedCloud } from "../local-cloud/composed-cloud.ts";
import { reading } from "../local-cloud/support/messages.ts";

const at = (minute: number): string => new Date(Date.UTC(2030, 5, 1, 0, minute)).toISOString();

const event = (type: "node_dead" | "node_admitted", minute: number): string =>
  JSON.stringify({
    v: 1,
    type,
    subject: 0,
    term: 2,
    seq: 0,
    at: at(minute),
    took_over: type === "node_dead",
    state: {
      primary: 1,
      suspects: [],
      dead: type === "node_dead" ? [0] : [],
      never_admitted: [],
      last_seen: [{ node: 0, at: null }],
    },
  });

/** Operations by the last word of the request's target; SES has none. */
const counts = new Map<string, number>();
const of = (...operations: readonly string[]): number =>
  operations.reduce((sum, operation) => sum + (counts.get(operation) ?? 0), 0);

/** SES's requests and those of AWS IoT's control plane name no target; the latter's have the thing or certificate as path. */
const CONTROL_PLANE = /^\/(?:things|certificates)\//;

const note = (target: unknown, path = ""): void => {
  const other = CONTROL_PLANE.test(path) ? "iot" : "mail";
  const operation = String(target ?? other).replace(/^.*\./, "");
  counts.set(operation, (counts.get(operation) ?? 0) + 1);
};

/** A rule's actions reach the table without a socket. */
jest.mock("../../../simulator/local-cloud/in-process.ts", () => {
  const { inProcess } = jest.requireActual("../../../simulator/local-cloud/in-process.ts");
  return {
    inProcess: (front: Pick<Front, "answer">) =>
      inProcess({
        answer: (request: Parameters<Front["answer"]>[0]) => {
          note(request.headers["x-amz-target"]);
          return front.answer(request);
        },
      }),
  };
});

let composed: ComposedCloud;
beforeAll(async () => {
  const { emit } = Server.prototype;
  jest.spyOn(Server.prototype, "emit").mockImplementation(function (
    this: Server,
    name: string | symbol,
    ...args: unknown[]
  ) {
    if (name === "request") {
      const { headers, url } = args[0] as IncomingMessage;
      note(headers["x-amz-target"], url);
    }
    return Reflect.apply(emit, this, [name, ...args]) as boolean;
  });
  composed = await new ComposedCloud().start(await freshAssembly(() => undefined));
});
afterAll(() => composed.stop());

test("readings, a failover and its end, sweeps -> as many requests as the bill counts", async () => {
  counts.clear();
  await composed.publish("reading", 1, ...[0, 15, 30].map((minute) => reading({ measured_at: at(minute) })));
  await composed.publish("event", 1, event("node_dead", 30));
  await composed.cloud.idle();
  await composed.publish("event", 1, event("node_admitted", 45));
  await composed.cloud.idle();
  const mails = composed.mails.length;
  expect(mails).toBe(2);
  // Sweeps one after another: two that overlap would both write what the first has not written yet.
  composed.clock.pass(0);
  await composed.cloud.idle();
  await composed.pass(2);
  const sweeps = composed.log.filter(({ fields }) => fields?.message === "sweep");
  expect(sweeps.length).toBeGreaterThan(1);
  const signals = sweeps.flatMap(({ fields }) => Object.values(fields?.signals as Record<string, number>));

  const traffic: Traffic = {
    connects: 0,
    readings: 3,
    events: 2,
    signals: signals.reduce((sum, count) => sum + count, 0),
    mails: composed.mails.length,
    recipients: 1,
    sweeps: sweeps.length,
    clustersPerSweep: Number(sweeps[0]?.fields?.clusters),
    hourlySweeps: composed.log.filter(({ fields }) => fields?.message === "hour").length,
    batterySamples: of("PutItem", "UpdateItem") - 3 * 2 - 2 * composed.mails.length,
    queues: composed.cloud.queues.length,
    busEvents: 0,
    notices: composed.log.filter(({ code }) => code === "notice-published").length,
    noticeMails: 0,
    basicIngest: false,
  };
  const usage = usageOf(traffic);
  // One sample of the one node that published, whatever the number of sweeps; what one sweep tells the next of the node's
  // clock; and, of all clusters, which ones were looked after.
  expect(traffic.batterySamples).toBe(3);
  expect(of("PutItem", "UpdateItem")).toBe(usage.writeUnits);
  expect(traffic.hourlySweeps).toBeGreaterThan(0);
  // Half a unit each by the sweep, of the cluster, and of the backend and the hour; a whole one by the sender, and two
  // Queries of three and a half for what a mail says of its cluster.
  expect(of("Query")).toBe((usage.readUnits - 2 - 3.5 * mails) * 2 + 2 + 2 * mails);
  expect(of("mail")).toBe(usage.mails);
  expect(of("GetQueueAttributes")).toBe(usage.queueRequests);
  // Which certificates each of the two nodes has, and until when: once a day, and free of charge.
  expect(of("iot")).toBe(4);
  // No alarm of what went well.
  expect(usage.notices).toBe(0);
});
