/**
 * A run of a scenario with the backend's own code in this process: rules by the local cloud's evaluator, both functions by
 * their handlers, tables in memory. A year takes a fraction of what the local cloud takes, and gives the same mails. What
 * lies between (the template, permissions, DynamoDB, SES, retries) is left out.
 */
import { parseConfig as parseSendConfig } from "../../lambda/send_cluster_mail/core/config.ts";
import { makeHandler as makeSender } from "../../lambda/send_cluster_mail/handler.ts";
import { parseConfig as parseSweepConfig } from "../../lambda/sweep_clusters/core/config.ts";
import { heartbeatFrom } from "../../lambda/sweep_clusters/core/heartbeat.ts";
import type { Clusters, Readings } from "../../lambda/sweep_clusters/core/ports.ts";
import {
  type BatterySample,
  type Heartbeat,
  type Memory,
  NO_MEMORY,
} from "../../lambda/sweep_clusters/core/view.ts";
import { makeHandler as makeSweeper } from "../../lambda/sweep_clusters/handler.ts";
import { eventsSql, readingsSql, SQL_VERSION } from "../../lib/constructs/rule-sql.ts";
import type { SweepSignal } from "../../lib/contract/incidents.ts";
import type { Reading } from "../../lib/contract/messages.ts";
import { IMPLEMENTED } from "../../simulator/cli/shared/protocol-choice.ts";
import { inOrder } from "../../simulator/cli/simulate/cloud-counters.ts";
import { judge, observedFailovers } from "../../simulator/cli/simulate/report.ts";
import type { SentMail } from "../../simulator/cli/simulate/summary.ts";
import { Engine } from "../../simulator/engine/engine.ts";
import { rngStream } from "../../simulator/engine/rng.ts";
import {
  after,
  between,
  days,
  type Instant,
  inSeconds,
  minutes,
  START,
  seconds,
} from "../../simulator/engine/time.ts";
import {
  constantTemperature,
  roomTemperature,
  type TemperatureSource,
} from "../../simulator/hardware/temperature.ts";
import { plainJson } from "../../simulator/local-cloud/iot/iot-sql/json.ts";
import { compileRule } from "../../simulator/local-cloud/iot/iot-sql/rule.ts";
import { MemoryUplink } from "../../simulator/node/memory-uplink.ts";
import { awaitCloudIdle, runDevices } from "../../simulator/scenario/run.ts";
import type { ProtocolName, Scenario } from "../../simulator/scenario/scenario.ts";
import type { Score } from "../../simulator/scenario/score.ts";
import { memoryIncidents } from "../lambda/send_cluster_mail/support/memory-incidents.ts";

const CLUSTER = "kitchen";
const SLEEP_S = 900;
const EPOCH_MS = Date.UTC(2026, 2, 2);
const SWEEP = minutes(15);
/** An invocation takes time: what is told is told a moment after the sweep that saw it due. */
const HANDLING_MS = 1;

const DAY_S = 86_400;

/** With a turn of the event loop after each day, in which a signal is heard. */
async function dayByDay(engine: Engine, until: Instant, stopped: () => boolean) {
  for (let day = after(START, days(1)); ; day = after(day, days(1))) {
    const end = await engine.run(day < until ? day : until);
    if (end === "stopped" || day >= until) return end;
    await new Promise(setImmediate);
    if (stopped()) return "stopped";
  }
}

type Stored = Reading & { readonly node: number; readonly received_at: number };

export interface InProcess {
  readonly mails: readonly SentMail[];
  readonly suppressed: Readonly<Record<string, number>>;
  readonly articleMails: number;
  readonly readings: number;
  readonly failovers: number;
  /** Less than the scenario's where it was interrupted. */
  readonly days: number;
  readonly expectations: ReturnType<typeof judge>;
}

/** The functions' environment, as the stack sets it. */
const environmentFor = (nodes: number) => ({
  CLUSTERS_TABLE: "clusters",
  CLUSTERS: JSON.stringify({ [CLUSTER]: { nodes, sleep_s: SLEEP_S } }),
  MAIL_FROM: "ha2m@example.org",
  MAIL_TO: "you@example.org",
  RUNBOOK_URL: "https://example.org/RUNBOOK.md",
  SEND_FUNCTION: "send_cluster_mail",
});

/** What the functions have besides the tables: their environment, the time in epoch ms, and a new id for each call. */
interface Surroundings {
  readonly env: ReturnType<typeof environmentFor>;
  readonly clock: () => number;
  readonly newId: () => string;
}

/** What rules and functions have stored; all but the incidents is of the one cluster. */
interface Tables {
  readonly incidents: ReturnType<typeof memoryIncidents>;
  readonly stored: Stored[];
  readonly heartbeats: Map<number, Heartbeat>;
  readonly batteries: Map<number, readonly BatterySample[]>;
  memory: Memory;
}

function emptyTables(): Tables {
  const heartbeats = new Map<number, Heartbeat>();
  const heard = (clusterId: string) => (clusterId === CLUSTER ? [...heartbeats.values()] : []);
  return {
    incidents: memoryIncidents(heard),
    stored: [],
    heartbeats,
    batteries: new Map(),
    memory: NO_MEMORY,
  };
}

const clustersIn = (tables: Tables): Clusters => ({
  read: async (clusterId) => ({
    clusterId,
    heartbeats: clusterId === CLUSTER ? [...tables.heartbeats.values()] : [],
    incidents: [...tables.incidents.items.values()].filter(({ id }) => id.clusterId === clusterId),
    batteries: clusterId === CLUSTER ? tables.batteries : new Map(),
    memory: clusterId === CLUSTER ? tables.memory : NO_MEMORY,
    unreadable: [],
  }),
  remember: async (clusterId, next) => {
    if (clusterId === CLUSTER) tables.memory = next;
  },
  keepSamples: async (_, node, samples) => void tables.batteries.set(node, samples),
});

const readingsIn = ({ stored }: Tables): Readings => ({
  count: async () => 0,
  async *pages(_, fromMs, untilMs) {
    yield stored
      .map(({ node, term, measured_at, temperature_c }) => ({
        node,
        term,
        measuredMs: Date.parse(measured_at),
        temperatureC: temperature_c,
      }))
      .filter(({ measuredMs }) => measuredMs >= fromMs && measuredMs < untilMs);
  },
});

/** `send_cluster_mail`, the mails that it has sent, and how many it has suppressed for each reason. */
function makeMailing({ incidents }: Tables, { env, clock, newId }: Surroundings) {
  const mails: SentMail[] = [];
  const suppressed: Record<string, number> = {};
  const handler = makeSender({
    config: parseSendConfig(env),
    incidents,
    mailer: {
      send: async ({ to, labels, threadRoot, subject }) => {
        const { state: kind, incident } = labels;
        mails.push({ at: new Date(clock()).toISOString(), to, kind, incident, thread: threadRoot, subject });
        return { accepted: to, refused: [] };
      },
    },
    log: ({ message, send: sent, why }) => {
      if (message === "decision" && !sent) suppressed[why] = (suppressed[why] ?? 0) + 1;
    },
    clock: () => clock() + HANDLING_MS,
    newClaimId: newId,
  });
  const send = async (input: unknown): Promise<void> =>
    void (await handler(input, { awsRequestId: newId() }));
  return { send, mails, suppressed };
}

/** `sweep_clusters`: one sweep, and the signals that it gives. */
function makeSweep(tables: Tables, { env, clock, newId }: Surroundings): () => Promise<SweepSignal[]> {
  const signals: SweepSignal[] = [];
  const handler = makeSweeper({
    config: parseSweepConfig(env),
    clusters: clustersIn(tables),
    readings: readingsIn(tables),
    signals: { give: async (signal) => void signals.push(signal) },
    log: () => {},
  });
  return async () => {
    const scheduled_time = `${new Date(clock()).toISOString().slice(0, 19)}Z`;
    await handler({ scheduled_time }, { awsRequestId: newId() });
    return signals.splice(0);
  };
}

type Send = ReturnType<typeof makeMailing>["send"];

/** The rules: a reading is stored, with its heartbeat, and an event is given to `send_cluster_mail`. */
function makeRules({ stored, heartbeats }: Tables, { clock }: Surroundings, send: Send) {
  const readings = compileRule(readingsSql(365), { sqlVersion: SQL_VERSION });
  const events = compileRule(eventsSql(), { sqlVersion: SQL_VERSION });
  const note = (one: Stored): void => {
    stored.push(one);
    heartbeats.set(one.node, heartbeatFrom(one));
  };
  return async (topic: string, text: string): Promise<void> => {
    const message = {
      topic,
      payload: new TextEncoder().encode(text),
      clientId: CLUSTER,
      timestampMs: clock(),
    };
    if (readings.matches(topic)) note(plainJson(readings.evaluate(message)) as Stored);
    if (events.matches(topic)) await send(plainJson(events.evaluate(message)));
  };
}

/** The scenario's expectations of the protocol, each with whether it held. */
function judged(scenario: Scenario, name: ProtocolName, score: Score, mails: readonly SentMail[]) {
  const metrics = score.metrics(
    { stored: score.published.length, mails, queued: 0 },
    after(START, scenario.duration),
  );
  return judge(scenario.protocols.get(name)?.expect ?? [], {
    metrics,
    failovers: observedFailovers(score.failovers),
    mails: mails.map((mail) => ({ ...mail, afterS: (Date.parse(mail.at) - EPOCH_MS) / 1_000 })),
    primaries: score.primaries,
    sleepS: SLEEP_S,
  });
}

export async function playInProcess(
  scenario: Scenario,
  name: ProtocolName,
  seed: number,
  interrupted: Promise<void> = new Promise(() => {}),
  temperature?: TemperatureSource,
): Promise<InProcess> {
  const engine = new Engine();
  let ids = 0;
  const surroundings: Surroundings = {
    env: environmentFor(scenario.cluster.nodes),
    clock: () => EPOCH_MS + Math.floor(engine.now / 1_000),
    newId: () => String(++ids),
  };
  const tables = emptyTables();
  const { send, mails, suppressed } = makeMailing(tables, surroundings);
  const sweep = makeSweep(tables, surroundings);
  const sweepOn = (): void =>
    void engine.at(after(engine.now, SWEEP), async () => {
      sweepOn();
      for (const signal of await sweep()) await send(signal);
    });
  sweepOn();

  const take = makeRules(tables, surroundings, send);
  let taken = Promise.resolve();
  let stopped = false;
  void interrupted.then(() => {
    stopped = true;
  });
  const { score } = await runDevices({
    engine,
    scenario,
    protocol: IMPLEMENTED[name],
    cluster: CLUSTER,
    seed,
    sleep: seconds(SLEEP_S),
    duration: scenario.duration,
    epochMs: EPOCH_MS,
    temperature:
      temperature ??
      (scenario.temperatures.kind === "constant"
        ? constantTemperature(scenario.temperatures.celsius)
        : roomTemperature(rngStream(seed, "room"))),
    traced: false,
    uplink: () =>
      awaitCloudIdle(new MemoryUplink({ accept: (...message) => (taken = take(...message)) }), () => taken),
    onNode: () => {},
    onStory: () => {},
    advance: (until) => dayByDay(engine, until, () => stopped),
  });
  mails.sort(inOrder);
  return {
    mails,
    suppressed,
    articleMails: score.articleMails,
    readings: score.published.length,
    failovers: score.failovers.length,
    days: inSeconds(between(START, engine.now)) / DAY_S,
    expectations: judged(scenario, name, score, mails),
  };
}
