/** What a run against a deployed backend will be charged at most, before it begins. */
import { billOf } from "../../../cost/bill.ts";
import { usageOf } from "../../../cost/usage.ts";

/** A run to come. */
export interface PlannedRun {
  /** Virtual. */
  readonly durationS: number;
  readonly sleepS: number;
  readonly nodes: number;
  /** Otherwise once for each node. */
  readonly connectsEveryWake: boolean;
  readonly basicIngest: boolean;
  readonly recipients: number;
}

/** What a run against a deployed backend will send, and cost. */
export interface Estimate {
  readonly readings: number;
  /** With the most events that a protocol can send: one at every wake. */
  readonly messagesMax: number;
  readonly usdMax: number;
}

/** As many mails as a story without an end to its trouble has: a firing, its reminders, and some besides. */
const MAILS_MAX = 20;

/** The sweep, which runs whether nodes do or not, is not counted. */
export function estimate(run: PlannedRun): Estimate {
  const readings = Math.ceil(run.durationS / run.sleepS) + 1;
  const events = readings;
  const usage = usageOf({
    connects: run.connectsEveryWake ? readings : run.nodes,
    readings,
    events,
    signals: MAILS_MAX,
    mails: MAILS_MAX,
    recipients: run.recipients,
    sweeps: 0,
    clustersPerSweep: 0,
    hourlySweeps: 0,
    batterySamples: 0,
    queues: 0,
    busEvents: 0,
    notices: 0,
    noticeMails: 0,
    basicIngest: run.basicIngest,
  });
  return { readings, messagesMax: readings + events, usdMax: billOf(usage).usd };
}
