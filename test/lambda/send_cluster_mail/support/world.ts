/**
 * Both functions as they run in AWS, on a clock of the test's own: events wait in Lambda's queue, are delivered late, twice
 * and at once, attempts crash before and after each external call and are made again after one and two minutes, a sweep
 * comes every few minutes. Only SES is not there: mails are noted. The table is behind the DynamoDB API.
 */
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { toAttributes } from "../../../../lambda/adapters/item-values.ts";
import type { Firing, Incident, Resolved } from "../../../../lambda/core/incident.ts";
import { openIncidents } from "../../../../lambda/send_cluster_mail/adapters/dynamo-incidents.ts";
import { parseConfig } from "../../../../lambda/send_cluster_mail/core/config.ts";
import { deliver } from "../../../../lambda/send_cluster_mail/core/delivery.ts";
import type { Mail } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { LogEntry } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import { makeHandler } from "../../../../lambda/send_cluster_mail/handler.ts";
import { openClusters } from "../../../../lambda/sweep_clusters/adapters/dynamo-clusters.ts";
import { parseConfig as parseSweepConfig } from "../../../../lambda/sweep_clusters/core/config.ts";
import type { Memory } from "../../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler as makeSweep } from "../../../../lambda/sweep_clusters/handler.ts";
import type { DigestEntry, IncidentId, IncidentKind } from "../../../../lib/contract/incidents.ts";
import { heartbeatKey } from "../../../../lib/contract/tables.ts";

export const MINUTE_MS = 60_000;
const RETRY_AFTER_MS = [60_000, 120_000];
/** What is due within so long is at work at once. Less than an attempt may last. */
const AT_ONCE_MS = 5_000;

/** What chance decides in a world; each list is used from its start, and then nothing more happens. */
export interface Chance {
  /** For each external call, whether the attempt crashes before or after it, or not at all. */
  readonly crashes: readonly ("before" | "after" | undefined)[];
  /** Of the calls that wait at once, which is the next. */
  readonly turns: readonly number[];
  /** Minutes in Lambda's queue, for each invocation. */
  readonly delaysMin: readonly number[];
  /** How often an invocation is delivered. */
  readonly copies: readonly number[];
}

export const CALM: Chance = { crashes: [], turns: [], delaysMin: [], copies: [] };

export interface Sent {
  readonly atMs: number;
  readonly cluster: string;
  /** `node-dead#0`, `digest#1767225600`. */
  readonly incident: string;
  readonly state: string;
  readonly episode: number;
  readonly thread: number;
  readonly channel: string;
  /** From the second claim on it is marked as a possible duplicate. */
  readonly marked: boolean;
  readonly to: readonly string[];
  readonly text: string;
  readonly subject: string;
}

interface Queued {
  readonly dueMs: number;
  readonly serial: number;
  readonly payload: unknown;
  readonly attempt: number;
  readonly to: "send" | "sweep";
}

/** What one undisturbed invocation of the sender cost. */
export interface Cost {
  /** An event, and no signal of the sweep. */
  readonly event: boolean;
  readonly requests: number;
  readonly mails: number;
  readonly outcome: { readonly send: boolean; readonly why: string };
  /** One of its mails failed, and the others went out. */
  readonly failed: boolean;
}

class Crashed extends Error {}

export class World {
  readonly mails: Sent[] = [];
  readonly log: LogEntry[] = [];
  /** The sender's failure queue. */
  readonly lost: unknown[] = [];
  /** Of invocations that nothing else was at work beside, and that did not crash. */
  readonly costs: Cost[] = [];
  nowMs: number;
  readonly #client: DynamoDBClient;
  readonly #table: string;
  #chance: Chance;
  #environment: Readonly<Record<string, string>>;
  readonly #taken = { crashes: 0, turns: 0, delays: 0, copies: 0, claims: 0, serial: 0 };
  #queue: Queued[] = [];
  #waiting: (() => void)[] = [];
  #requests = 0;
  /** The call that has its turn. */
  #call: Promise<unknown> = Promise.resolve();
  calm = false;
  /** SES answers nobody. */
  sesDown = false;
  /** Whom SES refuses: one of them among its recipients refuses a whole mail. */
  readonly refuses = new Set<string>();
  /** To DynamoDB, SES and Lambda, by both functions. */
  externalCalls = 0;

  constructor(
    client: DynamoDBClient,
    table: string,
    environment: Readonly<Record<string, string>>,
    startMs: number,
    chance: Chance,
  ) {
    this.#client = client;
    this.#table = table;
    this.#environment = { ...environment, CLUSTERS_TABLE: table, SEND_FUNCTION: "send" };
    this.nowMs = startMs;
    this.#chance = chance;
  }

  /** An asynchronous invocation, with what chance makes of it. */
  invoke(payload: unknown, to: Queued["to"] = "send", atMs = this.nowMs): void {
    const { delaysMin, copies } = this.#chance;
    const times = this.calm || to === "sweep" ? 1 : (copies[this.#taken.copies++] ?? 1);
    for (let copy = 0; copy < times; copy++) {
      const delayMin = this.calm || to === "sweep" ? 0 : (delaysMin[this.#taken.delays++] ?? 0);
      this.#enqueue({ dueMs: atMs + delayMin * MINUTE_MS, payload, attempt: 0, to });
    }
  }

  /** What becomes of the next external calls. */
  crashNext(crashes: Chance["crashes"]): void {
    this.#chance = { ...this.#chance, crashes };
    this.#taken.crashes = 0;
  }

  /** Another deploy. */
  configure(changes: Readonly<Record<string, string>>): void {
    this.#environment = { ...this.#environment, ...changes };
  }

  /** As if every attempt that is still to be made had failed too. */
  dropRetries(): void {
    this.#queue = this.#queue.filter(({ attempt }) => attempt === 0);
  }

  /** A sweep that is due at a time. */
  sweep(atMs: number): void {
    this.invoke({ scheduled_time: new Date(atMs).toISOString().replace(".000Z", "Z") }, "sweep", atMs);
  }

  /** What the readings rule puts. */
  async heartbeat(cluster: string, node: number, receivedMs: number, changes: object = {}): Promise<void> {
    const Item = toAttributes({
      cluster_id: cluster,
      item_key: heartbeatKey(node),
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
    });
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }

  /** Lets everything happen that is due by then. */
  async until(endMs: number): Promise<void> {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined || first.dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, first.dueMs);
      const together = this.#queue.filter(({ dueMs }) => dueMs <= first.dueMs + AT_ONCE_MS);
      this.#queue = this.#queue.filter((one) => !together.includes(one));
      await this.#atOnce(together);
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  get lastDueMs(): number {
    return this.#queue.at(-1)?.dueMs ?? this.nowMs;
  }

  /** Every incident and digest, as the table has it. */
  async items(cluster: string): Promise<readonly (Firing | Resolved)[]> {
    const view = await openClusters(this.#table, this.#client).read(cluster);
    if (view.unreadable.length > 0) throw new Error(`unreadable: ${view.unreadable.join()}`);
    return view.incidents.filter((one): one is Firing | Resolved => one.state !== "recovered-before-onset");
  }

  /** What the sweeps keep of a cluster, or of the backend. */
  async remembered(cluster: string): Promise<Memory> {
    return (await openClusters(this.#table, this.#client).read(cluster)).memory;
  }

  async item(id: IncidentId): Promise<Incident | undefined> {
    return (await openIncidents(this.#table, this.#client).load(id)).known;
  }

  /** What was listed in digests that a channel was told. */
  async listed(channel: string): Promise<readonly DigestEntry[]> {
    return (await this.items("*")).flatMap(({ facts, channels }) =>
      facts.kind === "digest" && channels[channel]?.told !== undefined ? facts.entries : [],
    );
  }

  #enqueue(one: Omit<Queued, "serial">): void {
    this.#queue.push({ ...one, serial: this.#taken.serial++ });
    this.#queue.sort((x, y) => x.dueMs - y.dueMs || x.serial - y.serial);
  }

  /** All begin; then one external call after another is made, in an order of chance's choosing. */
  async #atOnce(all: readonly Queued[]): Promise<void> {
    let running = all.length;
    const ends = all.map((one) =>
      this.#attempt(one, all.length === 1).finally(() => {
        running -= 1;
      }),
    );
    while (running > 0) {
      await settled();
      const next = this.#waiting.splice(this.#pick(this.#waiting.length), 1)[0];
      next?.();
      await settled();
      // One call at a time: which of two reaches the table first is for chance to say, and not for this machine.
      await this.#call;
    }
    await Promise.all(ends);
  }

  #pick(among: number): number {
    if (among === 0) return 0;
    return (this.#chance.turns[this.#taken.turns++] ?? 0) % among;
  }

  async #attempt({ payload, attempt, to, dueMs }: Queued, alone: boolean): Promise<void> {
    const before = { requests: this.#requests, mails: this.mails.length, lines: this.log.length };
    try {
      if (to === "sweep") {
        await this.#sweeper()(payload, { awsRequestId: "sweep" });
        return;
      }
      const outcome = await this.#sender()(payload, { awsRequestId: "send" });
      const failed = this.log.slice(before.lines).some(({ message }) => message === "mail-failed");
      if (!alone) return;
      const requests = this.#requests - before.requests;
      const event = typeof payload === "object" && payload !== null && !("source" in payload);
      this.costs.push({ event, requests, mails: this.mails.length - before.mails, outcome, failed });
    } catch (error) {
      // A sweep's failures come together.
      const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      if (!causes.every((cause) => cause instanceof Crashed || isExpected(cause))) throw error;
      const waitMs = RETRY_AFTER_MS[attempt];
      if (waitMs !== undefined) this.#enqueue({ dueMs: dueMs + waitMs, payload, attempt: attempt + 1, to });
      else if (to === "send") this.lost.push(payload);
    }
  }

  /** Waits for its turn, takes effect at once, and may crash on either side. */
  async #through<T>(effect: () => Promise<T>): Promise<T> {
    await new Promise<void>((turn) => this.#waiting.push(turn));
    this.externalCalls += 1;
    const crash = this.calm ? undefined : this.#chance.crashes[this.#taken.crashes++];
    if (crash === "before") throw new Crashed("before");
    const made = effect();
    this.#call = made.catch(() => undefined);
    const result = await made;
    if (crash === "after") throw new Crashed("after");
    return result;
  }

  #request<T>(effect: () => Promise<T>): Promise<T> {
    return this.#through(() => {
      this.#requests += 1;
      return effect();
    });
  }

  #sender() {
    const store = openIncidents(this.#table, this.#client);
    return makeHandler({
      config: parseConfig(this.#environment),
      incidents: {
        load: (id) => this.#request(() => store.load(id)),
        write: (known, next) => this.#request(() => store.write(known, next)),
        confirm: (...given) => this.#request(() => store.confirm(...given)),
      },
      mailer: {
        send: (mail, hasTime) =>
          deliver(mail.to, {
            attempt: (to) => this.#take({ ...mail, to }),
            hasTime,
            pause: async () => undefined,
          }),
      },
      log: (entry) => void this.log.push(entry),
      clock: () => this.nowMs,
      newClaimId: () => `claim-${this.#taken.claims++}`,
    });
  }

  /** SES: for all of its recipients or for none. */
  #take(mail: Mail): Promise<string> {
    return this.#through(async () => {
      if (this.sesDown) throw new Crashed("SES is down");
      const failed = mail.to.filter((to) => this.refuses.has(to));
      if (failed.length > 0) throw unverified(failed);
      const parts = mail.messageId.slice(1, mail.messageId.indexOf("@")).split(".");
      const digest = mail.labels.incident.startsWith("digest");
      this.mails.push({
        atMs: this.nowMs,
        cluster: mail.labels.cluster,
        incident: mail.labels.incident,
        state: digest ? "digest" : mail.labels.state,
        thread: digest ? 1 : Number(parts[4]),
        episode: digest ? 1 : Number(parts[5]),
        channel: parts.at(-2)!,
        marked: mail.text.includes("Possible duplicate"),
        to: mail.to,
        text: mail.text,
        subject: mail.subject,
      });
      return `id-${this.mails.length}`;
    });
  }

  #sweeper() {
    const clusters = openClusters(this.#table, this.#client);
    return makeSweep({
      config: parseSweepConfig(this.#environment),
      clusters: {
        read: (id) => this.#through(() => clusters.read(id)),
        remember: (...given) => this.#through(() => clusters.remember(...given)),
        keepSamples: (...given) => this.#through(() => clusters.keepSamples(...given)),
      },
      signals: { give: (signal) => this.#through(async () => this.invoke(signal)) },
      log: () => undefined,
    });
  }
}

/** What an attempt may fail with while nothing is wrong with the function. */
const isExpected = (error: unknown): boolean =>
  error instanceof Error && ["ClaimContended", "RecipientsRefused"].includes(error.name);

/** Until every attempt waits for its turn, or for the table. */
async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

/** As the SDK has it. */
export function unverified(addresses: readonly string[]): Error {
  const error = new Error(
    `Email address is not verified. The following identities failed the check in region US-EAST-1: ${addresses.join(", ")}`,
  );
  error.name = "MessageRejected";
  return error;
}

export const incidentName = (kind: IncidentKind, subject: number): string => `${kind}#${subject}`;
