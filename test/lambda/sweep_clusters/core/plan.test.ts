/** What a sweep says, and that it says nothing where nothing would change. */
import type { Firing, Incident } from "../../../../lambda/core/incident.ts";
import { plan, type Sweep } from "../../../../lambda/sweep_clusters/core/plan.ts";
import type { ClusterView } from "../../../../lambda/sweep_clusters/core/view.ts";
import type { IncidentKind } from "../../../../lib/contract/incidents.ts";
import { MINUTE_MS, NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { firing, heartbeat, view } from "./detect/views.ts";

const sweep = (clusters: readonly ClusterView[], changes: Partial<Sweep> = {}): Sweep => ({
  clusters,
  backend: [],
  queues: [],
  policy: {
    channels: [{ id: "any-time", to: ["me@example.org"] }],
    remindersMax: 5,
    stormLimit: 2,
    swept: true,
  },
  nodes: new Map([["kitchen", 2]]),
  batteryEmptyMv: 4_600,
  nowMs: NOON_MS,
  ...changes,
});
const said = (...given: Parameters<typeof sweep>) =>
  plan(sweep(...given)).map((signal) => {
    if (signal.type === "weekly") return "weekly";
    return signal.type === "digest"
      ? `digest of ${signal.incidents.length}`
      : `${signal.type} ${signal.kind}#${signal.subject}`;
  });
const silent = (clusterId: string): ClusterView => ({ ...view(heartbeat(0, -70)), clusterId });

/** Its mail is out. */
function told(incident: Firing): Firing {
  const about = incident.episode;
  const mail = { kind: "firing", about, flapping: false, reminders: 0, atMs: about.openedMs } as const;
  return { ...incident, channels: { "any-time": { through: 1, told: mail } } };
}
const withIncidents = (cluster: ClusterView, ...incidents: readonly Incident[]): ClusterView => ({
  ...cluster,
  incidents,
});

test("all is well, nothing is known -> nothing", () => {
  expect(said([view(heartbeat(0, -5))])).toEqual([]);
});

test("nobody has answered a told incident -> polled once the hours of a late channel are over; acknowledged: nothing", () => {
  const hours = 1.5;
  const policy = {
    channels: [
      { id: "any-time", to: ["me@example.org"] },
      { id: "any-time-after-90-min", to: ["neighbour@example.org"], afterMs: hours * 60 * MINUTE_MS },
    ],
    remindersMax: 5,
    stormLimit: 2,
    swept: true,
  };
  const known = told(firing("node-dead", 1, -3));
  const dueMs = known.episode.openedMs + hours * 60 * MINUTE_MS;
  const at = (nowMs: number, incident: Firing) =>
    said([withIncidents(view(heartbeat(0, (nowMs - NOON_MS) / MINUTE_MS)), incident)], { policy, nowMs });
  expect(at(dueMs - 1, known)).toEqual([]);
  expect(at(dueMs, known)).toEqual(["poll node-dead#1"]);
  expect(at(dueMs, { ...known, acknowledgedMs: dueMs - 1 })).toEqual([]);
});

test("silent, not known -> firing, with where it stands, its facts and the sweep's time", () => {
  expect(plan(sweep([silent("kitchen")]))).toEqual([
    {
      source: "sweep",
      type: "firing",
      cluster_id: "kitchen",
      kind: "cluster-silent",
      subject: 0,
      term: 0,
      at: "2026-01-01T11:50:00.000Z",
      received_at: NOON_MS,
      facts: expect.objectContaining({ kind: "cluster-silent", dueMs: NOON_MS - 10 * MINUTE_MS }),
    },
  ]);
});

describe("a chip that keeps no writes", () => {
  const seen = (kind: IncidentKind, says: string) => ({
    kind,
    subject: 1,
    says,
    newestMs: NOON_MS - 20 * MINUTE_MS,
  });
  const failing = (...doubts: ReturnType<typeof seen>[]): ClusterView => ({
    ...view(heartbeat(0, -5, { unwritableEeproms: 0b10 })),
    memory: { gaps: [], doubts },
  });
  const once = seen("eeprom-unwritable", "unwritable");

  test("seen for the first time -> nothing; again -> fires", () => {
    expect(said([failing()])).toEqual([]);
    expect(said([failing(once)])).toEqual(["firing eeprom-unwritable#1"]);
  });

  test("while two nodes act, or seem to -> nothing", () => {
    expect(said([failing(once, { ...seen("split-brain", "0 and 1"), subject: 0 })])).toEqual([]);
    const split = told(firing("split-brain", 0, -30));
    expect(said([withIncidents(failing(once), split)])).toEqual(["well split-brain#0"]);
  });
});

describe("terms that begin anew", () => {
  const told41 = told(firing("node-dead", 1, -600, 41));
  const recovered = {
    ...told41,
    state: "resolved" as const,
    recovered: { term: 41, atMs: NOON_MS - 500 * MINUTE_MS },
    until: { term: 41, atMs: NOON_MS - 500 * MINUTE_MS },
    expiresAtS: 2_000_000_000,
  };
  const eras = (cluster: ClusterView) =>
    plan(sweep([cluster])).flatMap((signal) =>
      signal.type === "poll" && signal.era_ms !== undefined ? [signal] : [],
    );

  test("only a lower term is published -> each death learns that an era has begun, right after what it knows", () => {
    expect(eras(withIncidents(view(heartbeat(0, -5, { term: 2 })), recovered))).toEqual([
      expect.objectContaining({ kind: "node-dead", subject: 1, era_ms: NOON_MS - 500 * MINUTE_MS + 1 }),
    ]);
  });

  test.each<[string, ClusterView]>([
    ["the same term", view(heartbeat(0, -5, { term: 41 }))],
    ["no terms, as published", view(heartbeat(0, -5, { term: 0 }))],
    [
      "a lower term, while another publishes under the higher one",
      view(heartbeat(0, -5, { term: 40 }), heartbeat(1, -50, { term: 41 })),
    ],
    ["a lower term, from before", view(heartbeat(0, -700, { term: 2 }))],
  ])("%s -> no era", (_, cluster) => {
    expect(eras(withIncidents(cluster, recovered))).toEqual([]);
  });

  test("the other published under the higher term, more than an hour of hearing ago -> an era", () => {
    const cluster = view(heartbeat(0, -5, { term: 2 }), heartbeat(1, -70, { term: 41 }));
    expect(eras(withIncidents(cluster, recovered))).toHaveLength(1);
  });

  test("known already -> nothing", () => {
    const known = { ...recovered, eraMs: NOON_MS - 500 * MINUTE_MS + 1 };
    expect(eras(withIncidents(view(heartbeat(0, -5, { term: 2 })), known))).toEqual([]);
  });
});

test("silent, known and told -> nothing; published again -> well", () => {
  const known = told(firing("cluster-silent", 0, -10));
  expect(said([withIncidents(silent("kitchen"), known)])).toEqual([]);
  expect(said([withIncidents(view(heartbeat(0, -5)), known)])).toEqual(["well cluster-silent#0"]);
});

test("told a day ago -> poll, for the reminder; told and acknowledged -> nothing", () => {
  const known = told(firing("node-dead", 1, -24 * 60));
  const cluster = view(heartbeat(0, -5));
  expect(said([withIncidents(cluster, known)])).toEqual(["poll node-dead#1"]);
  expect(said([withIncidents(cluster, { ...known, acknowledgedMs: NOON_MS })])).toEqual([]);
});

test("messages wait in an error queue -> the backend fails; all empty again -> well", () => {
  const queues = [
    { name: "events rule", messages: 0 },
    { name: "send_cluster_mail", messages: 2 },
  ];
  expect(plan(sweep([], { queues }))).toEqual([
    expect.objectContaining({
      type: "firing",
      cluster_id: "*",
      kind: "backend-failing",
      facts: { kind: "backend-failing", queues: [queues[1]] },
    }),
  ]);
  const known = told(firing("backend-failing", 0, -60));
  const backend = [{ ...known, id: { ...known.id, clusterId: "*" } }];
  expect(said([], { queues, backend })).toEqual([]);
  expect(said([], { queues: [queues[0]!], backend })).toEqual(["well backend-failing#0"]);
  expect(said([], { queues: [queues[0]!] })).toEqual([]);
});

test("a claim that was never confirmed -> poll, once it has lapsed", () => {
  const open = firing("node-dead", 1, -5);
  const claim = {
    id: "another's",
    untilMs: NOON_MS,
    claims: 1,
    kind: "firing",
    about: open.episode,
    flapping: false,
    reminders: 0,
    priorUnconfirmed: false,
  } as const;
  const known = { ...open, channels: { "any-time": { through: 0, claim } } };
  const cluster = withIncidents(view(heartbeat(0, -5)), known);
  expect(said([cluster])).toEqual(["poll node-dead#1"]);
  expect(said([cluster], { nowMs: NOON_MS - 1 })).toEqual([]);
});

test("more clusters silent at once than are told singly -> each signal says that it is a storm", () => {
  const storms = (count: number) =>
    plan(sweep(["a", "b", "c"].slice(0, count).map(silent))).map(
      (signal) => signal.type === "firing" && signal.storm === true,
    );
  expect(storms(2)).toEqual([false, false]);
  expect(storms(3)).toEqual([true, true, true]);
});

test("two opened within the hour elsewhere, and one now -> a storm", () => {
  const others = withIncidents(
    { ...view(heartbeat(0, -5)), clusterId: "shed" },
    told(firing("node-dead", 1, -50)),
    told(firing("node-dead", 2, -40)),
  );
  expect(plan(sweep([others, silent("kitchen")]))).toEqual([expect.objectContaining({ storm: true })]);
});

describe("a digest", () => {
  const bin = Date.parse("2026-01-01T12:00:00Z") / 1_000;
  const waiting = { ...firing("node-dead", 1, 3), channels: { "any-time": { through: 0, awaits: bin } } };
  const clusters = [withIncidents(view(heartbeat(0, 0)), waiting)];
  const afterMs = (minute: number) => ({ nowMs: NOON_MS + minute * MINUTE_MS });

  test("a minute after its quarter of an hour -> put together, and not before", () => {
    expect(said(clusters, afterMs(15.99))).toEqual([]);
    expect(said(clusters, afterMs(16))).toEqual(["digest of 1"]);
  });

  test("it is out -> whoever it listed learns so; it is not sent again", () => {
    const sent = plan(sweep(clusters, afterMs(16)))[0]!;
    if (sent.type !== "digest") throw new Error("no digest");
    const facts = { kind: "digest", entries: sent.incidents } as const;
    const id = { clusterId: "*", kind: "digest", subject: bin } as const;
    const backend = [{ ...told(firing("node-dead", 1, 16)), id, facts }];
    expect(plan(sweep(clusters, { ...afterMs(30), backend }))).toEqual([
      expect.objectContaining({
        type: "poll",
        digest: {
          listed: true,
          bin,
          episode: 1,
          since_ms: waiting.episode.sinceMs,
          over: false,
          told_at_ms: { "any-time": NOON_MS + 16 * MINUTE_MS },
          told_to: {},
        },
      }),
    ]);
    const late = [withIncidents(view(heartbeat(0, 0)), { ...waiting, id: { ...waiting.id, subject: 0 } })];
    expect(plan(sweep(late, { ...afterMs(30), backend }))).toEqual([
      expect.objectContaining({ type: "poll", subject: 0, digest: { listed: false, bin } }),
    ]);
  });
});
