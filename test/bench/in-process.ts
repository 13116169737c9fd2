/**
 * A run of a scenario with the backend's own code in this process: rules by the local cloud's evaluator, both functions by
 * their handlers, tables in memory. A year takes a fraction of what the local cloud takes, and comes to the same mails; what
 * lies between (the template, permissions, DynamoDB, SES, retries) is left out.
 */
import type { Incident } from "../../lambda/core/incident.ts";
import { parseConfig as parseSendConfig } from "../../lambda/send_cluster_mail/core/config.ts";
import { makeHandler as makeSender } from "../../lambda/send_cluster_mail/handler.ts";
import { parseConfig as parseSweepConfig } from "../../lambda/sweep_clusters/core/config.ts";
import { heartbeatFrom } from "../../lambda/sweep_clusters/core/heartbeat.ts";
import { type BatterySample, type Heartbeat, NO_MEMORY } from "../../lambda/sweep_clusters/core/view.ts";
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
import { constantTemperature, roomTemperature } from "../../simulator/hardware/temperature.ts";
import { plainJson } from "../../simulator/local-cloud/iot/iot-sql/json.ts";
import { compileRule } from "../../simulator/local-cloud/iot/iot-sql/rule.ts";
import { MemoryUplink } from "../../simulator/node/memory-uplink.ts";
import { awaitCloudIdle, runDevices } from "../../simulator/scenario/run.ts";
import type { ProtocolName, Scenario } from "../../simulator/scenario/scenario.ts";
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

export async function playInProcess(
  scenario: Scenario,
  name: ProtocolName,
  seed: number,
  interrupted: Promise<void> = new Promise(() => {}),
): Promise<InProcess> {
  const engine = new Engine();
  const clock = () => EPOCH_MS + Math.floor(engine.now / 1_000);
  const env = {
    CLUSTERS_TABLE: "clusters",
    CLUSTERS: JSON.stringify({ [CLUSTER]: { nodes: scenario.cluster.nodes, sleep_s: SLEEP_S } }),
    MAIL_FROM: "ha2m@example.org",
    MAIL_TO: "you@example.org",
    RUNBOOK_URL: "https://example.org/RUNBOOK.md",
    SEND_FUNCTION: "send_cluster_mail",
  };
  const mails: SentMail[] = [];
  const stored: Stored[] = [];
  const suppressed: Record<string, number> = {};
  const incidents = memoryIncidents();
  const heartbeats = new Map<number, Heartbeat>();
  const batteries = new Map<number, readonly BatterySample[]>();
  let memory = NO_MEMORY;
  let invocations = 0;
  const invocation = () => ({ awsRequestId: String(++invocations) });

  const send = makeSender({
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
    newClaimId: () => String(++invocations),
  });

  const signals: SweepSignal[] = [];
  const incidentsOf = (clusterId: string): Incident[] =>
    [...incidents.items.values()].filter(({ id }) => id.clusterId === clusterId);
  const sweep = makeSweeper({
    config: parseSweepConfig(env),
    clusters: {
      read: async (clusterId) => ({
        clusterId,
        heartbeats: clusterId === CLUSTER ? [...heartbeats.values()] : [],
        incidents: incidentsOf(clusterId),
        batteries: clusterId === CLUSTER ? batteries : new Map(),
        memory: clusterId === CLUSTER ? memory : NO_MEMORY,
        unreadable: [],
      }),
      remember: async (_, next) => {
        memory = next;
      },
      keepSamples: async (_, node, samples) => void batteries.set(node, samples),
    },
    readings: {
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
    },
    signals: { give: async (signal) => void signals.push(signal) },
    log: () => {},
  });

  const sweepOn = (): void =>
    void engine.at(after(engine.now, SWEEP), async () => {
      sweepOn();
      await sweep({ scheduled_time: `${new Date(clock()).toISOString().slice(0, 19)}Z` }, invocation());
      for (const signal of signals.splice(0)) await send(signal, invocation());
    });
  sweepOn();

  const readings = compileRule(readingsSql(365), { sqlVersion: SQL_VERSION });
  const events = compileRule(eventsSql(), { sqlVersion: SQL_VERSION });
  let taken = Promise.resolve();
  const take = async (topic: string, text: string): Promise<void> => {
    const message = {
      topic,
      payload: new TextEncoder().encode(text),
      clientId: CLUSTER,
      timestampMs: clock(),
    };
    if (readings.matches(topic)) note(plainJson(readings.evaluate(message)) as Stored);
    if (events.matches(topic)) await send(plainJson(events.evaluate(message)), invocation());
  };
  const note = (one: Stored): void => {
    stored.push(one);
    heartbeats.set(one.node, heartbeatFrom(one));
  };

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
      scenario.temperatures.kind === "constant"
        ? constantTemperature(scenario.temperatures.celsius)
        : roomTemperature(rngStream(seed, "room")),
    traced: false,
    uplink: () =>
      awaitCloudIdle(new MemoryUplink({ accept: (...message) => (taken = take(...message)) }), () => taken),
    onNode: () => {},
    onStory: () => {},
    advance: (until) => dayByDay(engine, until, () => stopped),
  });
  mails.sort(inOrder);
  const metrics = score.metrics(
    { stored: score.published.length, mails, queued: 0 },
    after(START, scenario.duration),
  );
  const result = {
    metrics,
    failovers: observedFailovers(score.failovers),
    mails: mails.map((mail) => ({ ...mail, afterS: (Date.parse(mail.at) - EPOCH_MS) / 1_000 })),
    primaries: score.primaries,
    sleepS: SLEEP_S,
  };
  const expectations = judge(scenario.protocols.get(name)?.expect ?? [], result);
  return {
    mails,
    suppressed,
    articleMails: score.articleMails,
    readings: score.published.length,
    failovers: score.failovers.length,
    days: inSeconds(between(START, engine.now)) / DAY_S,
    expectations,
  };
}
