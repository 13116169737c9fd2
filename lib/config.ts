/**
 * The app's configuration: one validated object, or one error that names every mistake in it.
 */
import type * as z from "zod/mini";
import { ConfigSchema, EXAMPLE } from "./config-schema.ts";
import type { WatchLevel } from "./contract/metrics.ts";
import type { AdviceId } from "./mail-advice.ts";
import { nearest } from "./nearest.ts";

/** The name of the configuration in cdk.json's context. */
export const CONFIG_KEY = "ha2m";

/** The configuration of one cluster. */
export interface ClusterConfig {
  /** Number of nodes, 2 to 8. */
  readonly nodes: number;
  /** How long a node sleeps between two wakes, in seconds. */
  readonly sleepS: number;
}

/**
 * Hours without mail, as wall-clock times of a time zone: `22:00`. If `from` is later than `to`, they span midnight.
 */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
  /** IANA name of the time zone. */
  readonly timeZone: string;
}

/** A recipient of mails. */
export interface Recipient {
  readonly address: string;
  /** IANA name of the time zone in which mails give times. @default - that of the quiet hours; without those, UTC */
  readonly timeZone?: string;
  /** @default - mails come at any time */
  readonly quiet?: QuietHours;
  /** Told only of incidents that nobody has answered so many hours after the others were told. @default - at once */
  readonly afterHours?: number;
}

/** Sender and recipients of mails, and the runbook to which mails link. */
export interface MailConfig {
  readonly from: string;
  /** What SES verifies: `from`, or its domain. */
  readonly identity: string;
  /** SES has the identity already: it is used, and not made. */
  readonly identityExists: boolean;
  readonly to: readonly Recipient[];
  readonly runbookUrl: string;
  /** A report of the week, each Monday. */
  readonly weekly: boolean;
  /** `constant`: all mails of a thread have one subject. */
  readonly subjects: "changing" | "constant";
}

/** How long data are kept, in days. */
export interface RetentionConfig {
  /** Readings and heartbeats. */
  readonly readingsDays: number;
  /** One of the values that CloudWatch Logs accepts. */
  readonly logsDays: number;
}

/** How readings are published, and where they are stored. */
export interface ReadingsConfig {
  /** Readings go to the rule itself, not through the broker (Basic Ingest). */
  readonly basicIngest: boolean;
  /** The table that an earlier deployment left. @default - one is made */
  readonly table?: string | undefined;
}

/** How often clusters are checked, and how many mails are sent. */
export interface AlertsConfig {
  /** Minutes between two sweeps. */
  readonly sweepMinutes: number;
  /** Most reminders for one episode of an incident. */
  readonly remindersMax: number;
  /** Incidents opened within an hour that get a mail each; further ones share a digest. */
  readonly stormLimit: number;
  /** Open-circuit voltage of an empty pack, in mV. */
  readonly batteryEmptyMv: number;
  /** The table of heartbeats and incidents that an earlier deployment left. @default - one is made */
  readonly table?: string | undefined;
}

/** A subscriber, who gets one line for each mail through SNS. */
export interface Subscription {
  readonly protocol: "sms" | "email" | "https";
  readonly endpoint: string;
}

/** Channels other than mail. */
export interface NotifyConfig {
  /** Each decision goes to an EventBridge bus as an event. */
  readonly eventBus: boolean;
  readonly sns: readonly Subscription[];
}

/** How a person can answer a mail. */
export interface AnswerConfig {
  /** Mails carry links that acknowledge and snooze. */
  readonly links: boolean;
}

/** Who gets the alarms about the backend itself. */
export interface AlarmsConfig {
  /** Addresses that SNS writes to. @default the first recipient of mails without `after_hours` */
  readonly email: readonly string[];
}

/** The whole configuration. */
export interface Ha2mConfig {
  /** What the names of the deployment's parts begin with (contract/names.ts). */
  readonly name: string;
  /** A Map: `constructor` is a valid cluster id. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  readonly mail: MailConfig;
  readonly retention: RetentionConfig;
  readonly readings: ReadingsConfig;
  readonly alerts: AlertsConfig;
  readonly notify: NotifyConfig;
  readonly answer: AnswerConfig;
  readonly alarms: AlarmsConfig;
  readonly watch: WatchLevel;
  /** Advice that the synthesis does not give any more. */
  readonly acknowledged: readonly AdviceId[];
}

/**
 * A configuration with mistakes. The message is for people: every value that is missing, unknown or malformed, what was
 * found, and an example.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "CFG-001";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    const lines = problems.map((problem) => `  - ${problem}`);
    super(
      [
        `CFG-001 the configuration has ${count}:`,
        ...lines,
        `Correct "${CONFIG_KEY}" in the context of cdk.json.`,
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/**
 * Validates a configuration.
 * @param value the context's value: an object, or its JSON when it was given as `--context ha2m=…`
 * @throws ConfigError with every mistake
 */
export function parseConfig(value: unknown): Ha2mConfig {
  const written = typeof value === "string" ? parseJson(value) : value;
  const parsed = ConfigSchema.safeParse(written);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.flatMap((issue) => describe(issue, written)));
  return inCodeTerms(parsed.data);
}

/** Converts the file's names (`sleep_s`) to the code's (`sleepS`). */
function inCodeTerms(written: ConfigSchema): Ha2mConfig {
  const { name, clusters, mail, retention, readings, alerts, notify, answer, alarms, watch, acknowledged } =
    written;
  const to = mail.to.map(recipient);
  return {
    name,
    clusters: new Map(
      Object.entries(clusters).map(([id, { nodes, sleep_s }]) => [id, { nodes, sleepS: sleep_s }]),
    ),
    mail: {
      from: mail.from,
      identity: mail.identity ?? mail.from,
      identityExists: mail.identity_exists,
      to,
      runbookUrl: mail.runbook_url,
      weekly: mail.weekly,
      subjects: mail.subjects,
    },
    retention: { readingsDays: retention.readings_days, logsDays: retention.logs_days },
    readings: { basicIngest: readings.basic_ingest, table: readings.table },
    alerts: {
      sweepMinutes: alerts.sweep_minutes,
      remindersMax: alerts.reminders_max,
      stormLimit: alerts.storm_limit,
      batteryEmptyMv: alerts.battery_empty_mv,
      table: alerts.table,
    },
    notify: { eventBus: notify.event_bus, sns: notify.sns },
    answer,
    alarms: { email: alarms.email ?? firstAtOnce(to) },
    watch,
    acknowledged,
  };
}

const firstAtOnce = (to: readonly Recipient[]): readonly string[] =>
  to
    .filter(({ afterHours }) => afterHours === undefined)
    .slice(0, 1)
    .map(({ address }) => address);

function recipient(written: ConfigSchema["mail"]["to"][number]): Recipient {
  if (typeof written === "string") return { address: written };
  const { address, time_zone, quiet, after_hours } = written;
  return {
    address,
    ...(time_zone === undefined ? {} : { timeZone: time_zone }),
    ...(quiet === undefined ? {} : { quiet: { from: quiet.from, to: quiet.to, timeZone: quiet.time_zone } }),
    ...(after_hours === undefined ? {} : { afterHours: after_hours }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError([
      `${CONFIG_KEY}: found the text ${JSON.stringify(text)}, which is not JSON; write --context ${CONFIG_KEY}='${JSON.stringify(EXAMPLE)}'`,
    ]);
  }
}

type Path = readonly PropertyKey[];
const nameOf = (path: Path): string => [CONFIG_KEY, ...path.map(String)].join(".");

function describe(issue: z.core.$ZodIssue, written: unknown): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => describeUnknown(issue.path, key));
  // Of several allowed forms, the intended one is that with a mistake inside it.
  const meant =
    issue.code === "invalid_union" && issue.errors.find((form) => form.some(({ path }) => path.length > 0));
  if (meant)
    return meant.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, written));
  const name = nameOf(issue.path);
  if (issue.code === "invalid_key")
    return [`${name}: found the name ${JSON.stringify(issue.path.at(-1))}, ${issue.issues[0]?.message}`];
  const found = valueAt(written, issue.path);
  return [
    found === undefined
      ? `${name} is missing: ${issue.message}`
      : `${name}: found ${JSON.stringify(found)}, ${issue.message}`,
  ];
}

function describeUnknown(parent: Path, key: string): string {
  const known = keysAt(ConfigSchema, parent);
  const near = nearest(key, known);
  const hint =
    near === undefined ? `known are ${known.join(", ")}` : `did you mean ${nameOf([...parent, near])}?`;
  return `${nameOf([...parent, key])} is unknown: ${hint}`;
}

/** The keys that the schema knows at a place. */
function keysAt(schema: z.core.$ZodType, [key, ...rest]: Path): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return key === undefined ? Object.keys(def.shape) : keysAt(def.shape[String(key)]!, rest);
    case "array":
      return keysAt(def.element, rest);
    case "record":
      return keysAt(def.valueType, rest);
    case "optional":
    case "default":
    case "prefault":
      return keysAt(def.innerType, key === undefined ? [] : [key, ...rest]);
    case "union":
      return def.options.flatMap((option) => keysAt(option, key === undefined ? [] : [key, ...rest]));
    default:
      return [];
  }
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}
