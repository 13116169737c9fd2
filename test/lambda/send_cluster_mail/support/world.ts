/**
 * Both functions as they run in AWS, on a clock of the test's own: events wait in Lambda's queue, are delivered late, twice
 * and at once, attempts crash before and after each external call and are made again after one and two minutes, a sweep
 * comes every few minutes. Only SES is not there: mails are noted. The tables are behind the DynamoDB API.
 */
import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { toAttributes } from "../../../../lambda/adapters/item-values.ts";
import type { Firing, Incident, Resolved } from "../../../../lambda/core/incident.ts";
import { openIncidents } from "../../../../lambda/send_cluster_mail/adapters/dynamo-incidents.ts";
import { SES_LIMITS } from "../../../../lambda/send_cluster_mail/adapters/time-limits.ts";
import { parseConfig } from "../../../../lambda/send_cluster_mail/core/config.ts";
import { deliver } from "../../../../lambda/send_cluster_mail/core/delivery.ts";
import type { Mail } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { LogEntry } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import { makeHandler, type Outcome } from "../../../../lambda/send_cluster_mail/handler.ts";
import { openClusters } from "../../../../lambda/sweep_clusters/adapters/dynamo-clusters.ts";
import { openReadings } from "../../../../lambda/sweep_clusters/adapters/dynamo-readings.ts";
import { parseConfig as parseSweepConfig } from "../../../../lambda/sweep_clusters/core/config.ts";
import type { Memory } from "../../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler as makeSweep } from "../../../../lambda/sweep_clusters/handler.ts";
import {
  BULLETINS,
  type DigestEntry,
  type IncidentId,
  isBulletin,
} from "../../../../lib/contract/incidents.ts";
import { instant } from "../../../../lib/contract/messages.ts";
import { heartbeatKey, readingKey } from "../../../../lib/contract/tables.ts";
import { type Attempt, type Chance, Crashed, Schedule, type Target } from "./schedule.ts";

export interface Sent {
  readonly atMs: number;
  readonly cluster: string;
  /** `node-dead#0`, `digest#1767225600`, `weekly#1767225600`. */
  readonly incident: string;
  /** `firing`, `reminder`, `resolved`, `digest`, `weekly`. */
  readonly state: string;
  readonly episode: number;
  readonly thread: number;
  readonly channel: string;
  /** From the second claim on it is marked as a possible duplicate. */
  readonly marked: boolean;
  readonly to: readonly string[];
  readonly text: string;
  readonly subject: string;
  readonly mail: Mail;
  /** A node's event has caused it, and no signal of the sweep. */
  readonly isOfEvent: boolean;
}

/** What one undisturbed invocation of the sender cost. */
export interface Cost {
  /** An event, and no signal of the sweep. */
  readonly event: boolean;
  readonly isDeath: boolean;
  readonly requests: number;
  readonly mails: number;
  readonly outcome: Outcome;
  /** One of its mails failed, and the others went out. */
  readonly failed: boolean;
}

/** An incident that began or ended, as it was written. */
export interface Change {
  readonly atMs: number;
  readonly cluster: string;
  /** `node-dead#0`. */
  readonly incident: string;
  readonly state: "firing" | "resolved";
}

const isFiring = (incident: Incident | undefined): boolean => incident?.state === "firing";
/** Signs the links to answer, where the environment has them. */
export const ANSWER_KEY = new Uint8Array(32).fill(7);

/** The tokens of a mail's links to answer, each once. */
export const linksIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/[?&]t=([^\s&>)"]+)/g)].map(([, token]) => decodeURIComponent(token!))),
];

export class World {
  readonly mails: Sent[] = [];
  readonly log: LogEntry[] = [];
  /** Of invocations that nothing else was at work beside, and that did not crash. */
  readonly costs: Cost[] = [];
  /** Of the sender's invocations that ended, whatever calls of theirs had failed. */
  readonly outcomes: Outcome[] = [];
  readonly changes: Change[] = [];
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly #schedule: Schedule;
  #environment: Readonly<Record<string, string>>;
  #claims = 0;
  /** SES answers nobody. */
  sesDown = false;
  /** Whom SES refuses: one of them among its recipients refuses a whole mail. */
  readonly refuses = new Set<string>();

  /** @param environment with READINGS_TABLE readings are stored and reported, with ANSWER_URL mails can be answered */
  constructor(
    client: DynamoDBClient,
    table: string,
    environment: Readonly<Record<string, string>>,
    startMs: number,
    chance: Chance,
  ) {
    this.client = client;
    this.table = table;
    this.#environment = { ...environment, CLUSTERS_TABLE: table, SEND_FUNCTION: "send" };
    this.#schedule = new Schedule(startMs, chance, (attempt) =>
      attempt.to === "sweep" ? this.#sweep(attempt) : this.#send(attempt),
    );
  }

  get nowMs(): number {
    return this.#schedule.nowMs;
  }
  get lastDueMs(): number {
    return this.#schedule.lastDueMs;
  }
  get environment(): Readonly<Record<string, string>> {
    return this.#environment;
  }
  /** The sender's failure queue. */
  get lost(): unknown[] {
    return this.#schedule.lost;
  }
  /** To DynamoDB, SES and Lambda, by both functions. */
  get externalCalls(): number {
    return this.#schedule.externalCalls;
  }
  /** Nothing goes wrong from now on. */
  set calm(isCalm: boolean) {
    this.#schedule.calm = isCalm;
  }

  /** An asynchronous invocation, with what chance makes of it. */
  invoke(payload: unknown, to: Target = "send", atMs = this.nowMs): void {
    this.#schedule.invoke(payload, to, atMs);
  }

  /** What becomes of the next external calls. */
  crashNext(crashes: Chance["crashes"]): void {
    this.#schedule.crashNext(crashes);
  }

  /** Another deploy. */
  configure(changes: Readonly<Record<string, string>>): void {
    this.#environment = { ...this.#environment, ...changes };
  }

  /** As if every attempt that is still to be made had failed too. */
  dropRetries(): void {
    this.#schedule.dropRetries();
  }

  /** Lets everything happen that is due by then. */
  until(endMs: number): Promise<void> {
    return this.#schedule.until(endMs);
  }

  /** A sweep that is due at a time. */
  sweep(atMs: number): void {
    this.invoke({ scheduled_time: new Date(atMs).toISOString().replace(".000Z", "Z") }, "sweep", atMs);
  }

  /** What the readings rule puts. */
  async heartbeat(cluster: string, node: number, receivedMs: number, changes: object = {}): Promise<void> {
    const reading = {
      cluster_id: cluster,
      node,
      received_at: receivedMs,
      measured_at: new Date(receivedMs - 1_000).toISOString(),
      sleep_s: 900,
      temperature_c: 20.5,
      battery_mv: 5_400,
      term: 1,
      unwritable_eeproms: 0,
      suspects: 0,
      ...changes,
    };
    const put = (key: object) => [{ PutRequest: { Item: toAttributes({ ...reading, ...key }) } }];
    const readings = this.#environment.READINGS_TABLE;
    const isStored = readings !== undefined && instant.safeParse(reading.measured_at).success;
    await this.client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [this.table]: put({ item_key: heartbeatKey(node) }),
          ...(isStored ? { [readings]: put({ reading_key: readingKey(reading.measured_at, node) }) } : {}),
        },
      }),
    );
  }

  /** Every incident and digest, as the table has it. */
  async items(cluster: string): Promise<readonly (Firing | Resolved)[]> {
    const view = await openClusters(this.table, this.client).read(cluster);
    if (view.unreadable.length > 0) throw new Error(`unreadable: ${view.unreadable.join()}`);
    return view.incidents.filter((one): one is Firing | Resolved => one.state !== "recovered-before-onset");
  }

  /** What the sweeps keep of a cluster, or of the backend. */
  async remembered(cluster: string): Promise<Memory> {
    return (await openClusters(this.table, this.client).read(cluster)).memory;
  }

  async item(id: IncidentId): Promise<Incident | undefined> {
    return (await openIncidents(this.table, this.client).load(id)).known;
  }

  /** What was listed in digests that a channel was told. */
  async listed(channel: string): Promise<readonly DigestEntry[]> {
    return (await this.items("*")).flatMap(({ facts, channels }) =>
      facts.kind === "digest" && channels[channel]?.told !== undefined ? facts.entries : [],
    );
  }

  async #send(attempt: Attempt): Promise<void> {
    const spent = { requests: 0, mails: 0 };
    const lines = this.log.length;
    const outcome = await this.#sender(attempt, spent)(attempt.payload, { awsRequestId: "send" });
    this.outcomes.push(outcome);
    const { payload, alone, crashed } = attempt;
    if (!alone || crashed) return;
    const failed = this.log.slice(lines).some(({ message }) => message === "mail-failed");
    const isDeath = (payload as { readonly type?: unknown }).type === "node_dead";
    this.costs.push({ event: isEvent(payload), isDeath, ...spent, outcome, failed });
  }

  async #sweep(attempt: Attempt): Promise<void> {
    const through = <T>(effect: () => Promise<T>) => this.#schedule.through(attempt, effect);
    const clusters = openClusters(this.table, this.client);
    const readings = this.#environment.READINGS_TABLE;
    const sweep = makeSweep({
      config: parseSweepConfig(this.#environment),
      clusters: {
        read: (id) => through(() => clusters.read(id)),
        remember: (...given) => through(() => clusters.remember(...given)),
        keepSamples: (...given) => through(() => clusters.keepSamples(...given)),
      },
      ...(readings === undefined ? {} : { readings: openReadings(readings, this.client) }),
      signals: { give: (signal) => through(async () => this.invoke(signal)) },
      log: () => undefined,
    });
    await sweep(attempt.payload, { awsRequestId: "sweep" });
  }

  #sender(attempt: Attempt, spent: { requests: number; mails: number }) {
    const store = openIncidents(this.table, this.client);
    const request = <T>(effect: () => Promise<T>) =>
      this.#schedule.through(attempt, () => {
        spent.requests += 1;
        return effect();
      });
    return makeHandler({
      config: parseConfig(this.#environment),
      incidents: {
        load: (id) => request(() => store.load(id)),
        write: (known, next) =>
          request(async () => {
            const written = await store.write(known, next);
            if (written === "written") this.#note(known, next);
            return written;
          }),
        confirm: (...given) => request(() => store.confirm(...given)),
      },
      mailer: {
        send: (mail, hasTime) =>
          deliver(mail.to, {
            attempt: (to) => this.#take(attempt, { ...mail, to }, spent),
            hasTime,
            pause: async () => undefined,
          }),
      },
      log: (entry) => void this.log.push(entry),
      clock: () => this.nowMs,
      newClaimId: () => `claim-${this.#claims++}`,
      ...(this.#environment.ANSWER_URL === undefined ? {} : { answerKey: async () => ANSWER_KEY }),
    });
  }

  #note(known: Incident | undefined, next: Incident): void {
    const { id } = next;
    if (isBulletin(id.kind) || isFiring(known) === isFiring(next)) return;
    this.changes.push({
      atMs: this.nowMs,
      cluster: id.clusterId,
      incident: `${id.kind}#${id.subject}`,
      state: isFiring(next) ? "firing" : "resolved",
    });
  }

  /** SES: for all of its recipients or for none. What it takes longer for than its client waits, it accepts all the same. */
  #take(attempt: Attempt, mail: Mail, spent: { mails: number }): Promise<string> {
    const takesMs = this.#schedule.nextSesMs();
    const { requestMs } = SES_LIMITS;
    const taken = async () => {
      if (this.sesDown) throw new Crashed("SES is down");
      const failed = mail.to.filter((to) => this.refuses.has(to));
      if (failed.length > 0) throw unverified(failed);
      this.mails.push({ ...sentOf(mail, this.nowMs), isOfEvent: isEvent(attempt.payload) });
      spent.mails += 1;
      if (takesMs > requestMs) throw new Crashed("SES has not answered in time");
      return `id-${this.mails.length}`;
    };
    return this.#schedule.through(attempt, taken, Math.min(takesMs, requestMs));
  }
}

const isEvent = (payload: unknown): boolean =>
  (payload as { readonly source?: unknown }).source === undefined;

function sentOf(mail: Mail, atMs: number): Omit<Sent, "isOfEvent"> {
  const parts = mail.messageId.slice(1, mail.messageId.indexOf("@")).split(".");
  const { cluster, incident, state } = mail.labels;
  const bulletin = BULLETINS.find((kind) => incident.startsWith(`${kind}#`));
  return {
    atMs,
    cluster,
    incident,
    state: bulletin ?? state,
    thread: bulletin === undefined ? Number(parts[4]) : 1,
    episode: bulletin === undefined ? Number(parts[5]) : 1,
    channel: parts.at(-2)!,
    marked: mail.text.includes("Possible duplicate"),
    to: mail.to,
    text: mail.text,
    subject: mail.subject,
    mail,
  };
}

/** As the SDK has it. */
export function unverified(addresses: readonly string[]): Error {
  const error = new Error(
    `Email address is not verified. The following identities failed the check in region US-EAST-1: ${addresses.join(", ")}`,
  );
  error.name = "MessageRejected";
  return error;
}
