/**
 * The function among crashing neighbours: every external call can fail before or after it took effect, and Lambda's
 * retries (one minute, then two) run on a clock of the test's own.
 */
import type { Config } from "../../../../lambda/send_cluster_mail/core/config.ts";
import type { Mail } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { Incidents, LogEntry, Look } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import { makeHandler } from "../../../../lambda/send_cluster_mail/handler.ts";
import { config as usual } from "./fixtures.ts";
import { memoryIncidents } from "./memory-incidents.ts";

export type Call = "load" | "write" | "send" | "confirm";
export interface Crash {
  readonly call: Call;
  readonly when: "before" | "after";
}

export class Crashed extends Error {}

const RETRY_AFTER_MS = [60_000, 120_000];

/** What is delivered has been received: the clock is never before that. */
type Given = { readonly received_at?: number };

type Through = <T>(call: Call, effect: () => Promise<T>) => Promise<T>;

const incidentsThrough = (through: Through, incidents: Incidents): Incidents => ({
  load: (id) => through("load", () => incidents.load(id)),
  write: (known, next) => through("write", () => incidents.write(known, next)),
  confirm: (...given) => through("confirm", () => incidents.confirm(...given)),
});

export function testCloud(incidents: Incidents = memoryIncidents(), config: Config = usual, look?: Look) {
  const mails: Mail[] = [];
  const log: LogEntry[] = [];
  const calls: Call[] = [];
  let crashes: Crash[] = [];
  let claims = 0;
  let nowMs = 0;

  async function through<T>(call: Call, effect: () => Promise<T>): Promise<T> {
    calls.push(call);
    const crash = crashes.find((planned) => planned.call === call);
    if (crash) crashes = crashes.filter((planned) => planned !== crash);
    if (crash?.when === "before") throw new Crashed(`before ${call}`);
    const result = await effect();
    if (crash) throw new Crashed(`after ${call}`);
    return result;
  }

  const handler = makeHandler({
    config,
    incidents: incidentsThrough(through, incidents),
    mailer: {
      send: (mail) =>
        through("send", async () => {
          mails.push(mail);
          return { accepted: mail.to, refused: [] };
        }),
    },
    log: (entry) => void log.push(entry),
    clock: () => nowMs,
    ...(look === undefined ? {} : { look }),
    newClaimId: () => `claim-${++claims}`,
  });

  const invoke = (given: unknown) => {
    const { received_at = 0 } = (given ?? {}) as Given;
    nowMs = Math.max(nowMs, received_at);
    return handler(given, { awsRequestId: "request-1" });
  };

  return {
    mails,
    log,
    calls,
    subjects: () => mails.map(({ subject }) => subject),
    plan: (next: readonly Crash[]) => {
      crashes = [...next];
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** One attempt. */
    invoke,
    /** An asynchronous invocation: three attempts, then the failure queue (`lost`). */
    async deliver(given: Given): Promise<"done" | "lost"> {
      for (const waitMs of [...RETRY_AFTER_MS, undefined]) {
        try {
          await invoke(given);
          return "done";
        } catch {
          if (waitMs !== undefined) nowMs += waitMs;
        }
      }
      return "lost";
    },
  };
}
