/**
 * Derives metered quantities from traffic. The requests of a reading, a mail and a sweep were counted against the local
 * cloud, which test/simulator/cost/requests.test.ts checks; estimates are marked as such.
 */
import type { PRICES_2026_11 } from "./prices-2026-11.ts";

/** What AWS meters, by the name of its price. */
export type Metered = keyof typeof PRICES_2026_11.prices;
/** What a month uses, by metered thing, in the unit of its price. */
export type Usage = Readonly<Record<Metered, number>>;

/** What happens in some span of time, in all clusters together; every number is a count. */
export interface Traffic {
  /** Wakes that open a connection: those of primaries. */
  readonly connects: number;
  readonly readings: number;
  readonly events: number;
  /** Signals of the sweep to the function that sends. */
  readonly signals: number;
  /** Mails sent, each to `recipients`. */
  readonly mails: number;
  readonly recipients: number;
  readonly sweeps: number;
  /** How many clusters each sweep checks. */
  readonly clustersPerSweep: number;
  /**
   * The sweeps that are the first of an hour: they count each cluster's readings, and check the backend's incidents.
   */
  readonly hourlySweeps: number;
  /** Samples of battery voltage: one a day for each node that publishes. */
  readonly batterySamples: number;
  /** Queues whose messages an hourly sweep counts, each by a request. */
  readonly queues: number;
  /** Decisions sent to an event bus. */
  readonly busEvents: number;
  /**
   * Messages to SNS about mails and alarms; `noticeMails` are the mails that it sends for them. SMS are not counted:
   * their price depends on the country.
   */
  readonly notices: number;
  readonly noticeMails: number;
  readonly basicIngest: boolean;
}

/** What a deployment has for a month without any traffic; every number is a count. */
export interface Standing {
  readonly readingsKept: number;
  /** Metrics in alarms, which is what AWS bills. */
  readonly alarms: number;
  readonly dashboards: number;
  readonly metrics: number;
  readonly secrets: number;
}

/** An account without stored data and without provisioned parts. */
export const NOTHING_STANDING: Standing = {
  readingsKept: 0,
  alarms: 0,
  dashboards: 0,
  metrics: 0,
  secrets: 0,
};

/** Minutes of connection for each connect: a node is connected for seconds, and each begun minute counts. */
const MINUTES_PER_CONNECT = 1;
/**
 * A reading triggers one rule, which writes it and the heartbeat; an event triggers one, which invokes the function.
 */
const ACTIONS_PER_READING = 2;
const WRITES_PER_READING = 2;
/** A mail is claimed and confirmed; a decision not to send is noted at most. */
const WRITES_PER_MAIL = 2;
/** Read units of a send: a consistent read of the cluster's incidents. */
const READS_PER_SEND = 1;
/** Read units of what a mail says of its cluster, eventually consistent: its partition, and a day of 96 readings. */
const READS_PER_MAIL = 3.5;
/** Read units of each query of a sweep: eventually consistent, up to 4 KB. */
const READ_UNITS_PER_LOOK = 0.5;
/** An item's names and values are 230 to 240 bytes, and DynamoDB adds 100. */
const STORED_BYTES_PER_READING = 340;
const GB = 1_000_000_000;
/** Memory of each function, in GB. */
const FUNCTION_GB = 0.25;
/** Estimates, start-up included, which is billed: an invocation, and what each cluster adds to a sweep. */
const SEND_S = 0.5;
const SWEEP_S = 0.5;
const SWEEP_S_PER_CLUSTER = 0.002;
/**
 * Estimates: our line, and Lambda's START, END and REPORT; of each cluster that a sweep looks at, a line with metrics.
 */
const LOG_BYTES_PER_INVOCATION = 1_000;
const LOG_BYTES_PER_LOOK = 400;

/** The metered quantities of traffic, and of what a deployment has meanwhile. */
export function usageOf(traffic: Traffic, standing: Standing = NOTHING_STANDING): Usage {
  const { connects, readings, events, signals, mails, sweeps, clustersPerSweep } = traffic;
  const sends = events + signals;
  const invocations = sends + sweeps;
  const keptGb = (standing.readingsKept * STORED_BYTES_PER_READING) / GB;
  return {
    connectionMinutes: connects * MINUTES_PER_CONNECT,
    messages: connects + events + (traffic.basicIngest ? 0 : readings),
    rulesTriggered: readings + events,
    actions: readings * ACTIONS_PER_READING + events,
    writeUnits:
      readings * WRITES_PER_READING +
      mails * WRITES_PER_MAIL +
      Math.max(0, sends - mails) +
      traffic.batterySamples,
    readUnits:
      (sweeps * clustersPerSweep + traffic.hourlySweeps * (clustersPerSweep + 1)) * READ_UNITS_PER_LOOK +
      sends * READS_PER_SEND +
      mails * READS_PER_MAIL,
    storageGb: keptGb,
    recoveryGb: keptGb,
    lambdaRequests: invocations,
    lambdaGbS: FUNCTION_GB * (sends * SEND_S + sweeps * (SWEEP_S + clustersPerSweep * SWEEP_S_PER_CLUSTER)),
    schedulerInvocations: sweeps,
    busEvents: traffic.busEvents,
    queueRequests: traffic.hourlySweeps * traffic.queues,
    notices: traffic.notices,
    noticeMails: traffic.noticeMails,
    mails: mails * traffic.recipients,
    logsGb: (invocations * LOG_BYTES_PER_INVOCATION + sweeps * clustersPerSweep * LOG_BYTES_PER_LOOK) / GB,
    alarms: standing.alarms,
    dashboards: standing.dashboards,
    metrics: standing.metrics,
    secrets: standing.secrets,
  };
}

/** Days of a month: AWS counts 730 hours. */
export const MONTH_DAYS = 730 / 24;
const HOURS_PER_DAY = 24;
const MINUTES_PER_DAY = 1_440;

/** The assumptions about a month. */
export interface Month {
  readonly clusters: number;
  readonly nodes: number;
  /** Of each cluster, like `failoversPerMonth` and `mailsPerMonth`. */
  readonly readingsPerDay: number;
  readonly failoversPerMonth: number;
  readonly mailsPerMonth: number;
  readonly recipients: number;
  readonly sweepMinutes: number;
  /** Of each deployment. */
  readonly queues: number;
  /** Decisions go to an event bus; with `notified`, each mail goes to SNS, which mails it to `noticeMails` people. */
  readonly eventBus: boolean;
  readonly notified: boolean;
  readonly noticeMails: number;
  /** Number of people to whom SNS mails each alarm. */
  readonly alarmed: number;
  /** How many clusters one deployment can hold. */
  readonly clustersPerDeployment: number;
  readonly basicIngest: boolean;
}

/** Events of a failover: one that tells it, and one that the node is back. */
const EVENTS_PER_FAILOVER = 2;
/** Messages about alarms in a month, for each deployment: an estimate of one alarm and its end. */
const ALARM_NOTICES = 2;

/** How many deployments the clusters need. */
export const deploymentsOf = ({ clusters, clustersPerDeployment }: Month): number =>
  Math.ceil(clusters / clustersPerDeployment);

/** The traffic of a month of `MONTH_DAYS`. */
export function monthOf(month: Month): Traffic {
  const { clusters } = month;
  const readings = clusters * month.readingsPerDay * MONTH_DAYS;
  const events = clusters * month.failoversPerMonth * EVENTS_PER_FAILOVER;
  const mails = clusters * month.mailsPerMonth;
  const signals = Math.max(0, mails - events);
  const deployments = deploymentsOf(month);
  const mailNotices = month.notified ? mails : 0;
  const alarmNotices = deployments * ALARM_NOTICES;
  return {
    connects: readings,
    readings,
    events,
    signals,
    mails,
    recipients: month.recipients,
    sweeps: deployments * MONTH_DAYS * (MINUTES_PER_DAY / month.sweepMinutes),
    clustersPerSweep: clusters / deployments,
    hourlySweeps: deployments * MONTH_DAYS * HOURS_PER_DAY,
    batterySamples: clusters * MONTH_DAYS,
    queues: month.queues,
    busEvents: month.eventBus ? events + signals : 0,
    notices: mailNotices + alarmNotices,
    noticeMails: mailNotices * month.noticeMails + alarmNotices * month.alarmed,
    basicIngest: month.basicIngest,
  };
}
