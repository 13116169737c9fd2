/** What the functions' environments have in common, parsed once into precise values. */
import * as z from "zod/mini";
import { WATCHES, type WatchLevel } from "../../lib/contract/metrics.ts";
import { DEFAULT_NAME, NAME as DEPLOYMENT_NAME } from "../../lib/contract/names.ts";
import { minuteOf, QUIET_MAX_MIN, quietSpanMin } from "../../lib/contract/quiet-hours.ts";
import { CLUSTER_ID, NODES_MAX, NODES_MIN } from "../../lib/contract/topics.ts";
import { MailProblem } from "./errors.ts";
import { type ChannelPolicy, type Policy, SUBJECTS, type Subjects } from "./policy.ts";
import { isTimeZone, type QuietHours } from "./quiet-hours.ts";

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the functions know of a cluster without asking anybody. */
export interface ClusterConfig {
  readonly nodes: number;
  /** Seconds between two checks of a node. */
  readonly sleepS: number;
}

/** The settings of `alerts` in cdk.json, with their defaults. */
export interface Alerts {
  /** Minutes between two sweeps. */
  readonly sweepMinutes: number;
  readonly remindersMax: number;
  readonly stormLimit: number;
  /** Open-circuit voltage of a pack at which the regulator drops out, in mV. */
  readonly batteryEmptyMv: number;
  /** A report comes each week. */
  readonly weekly: boolean;
}

const EXAMPLES = {
  NAME: "ha2m",
  CLUSTERS_TABLE: "clusters",
  READINGS_TABLE: "readings",
  MAIL_FROM: "ha2m@example.org",
  MAIL_TO:
    'me@example.org,you@example.org, or as JSON with quiet hours: ["me@example.org",{"address":"you@example.org","quiet":{"from":"22:00","to":"07:00","time_zone":"Europe/London"}}]',
  CLUSTERS: '{"kitchen":{"nodes":2,"sleep_s":900}}',
  RUNBOOK_URL: "https://example.org/RUNBOOK.md",
  ALERTS: '{"sweep_minutes":15,"reminders_max":5,"storm_limit":5,"battery_empty_mv":4600}',
  QUEUES: '{"events rule":"https://sqs.us-east-1.amazonaws.com/111122223333/events"}',
  WATCH: "essential",
  SUBJECTS: "changing",
  SEND_FUNCTION: "ha2m-send_cluster_mail",
  NOTICES_TOPIC_ARN: "arn:aws:sns:us-east-1:111122223333:ha2m-notices",
  ANSWER_KEY_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:111122223333:secret:ha2m-a1b2c3",
  ANSWER_URL: "https://abc.lambda-url.us-east-1.on.aws/",
} as const;
type Name = keyof typeof EXAMPLES;

const invalid = (name: Name, found: string): MailProblem =>
  new MailProblem("ConfigInvalid", `${name} ${found}`, `set it like ${name}=${EXAMPLES[name]}`);

/** @throws MailProblem ConfigInvalid: the variable, what was found, an example. So do all below. */
export function required(env: Environment, name: Name): string {
  const value = env[name]?.trim();
  if (value === undefined || value === "") throw invalid(name, "is not set");
  return value;
}

/** The deployment's: in subjects, and the namespace of metrics. A function of an earlier deploy has none. */
export function parseName(env: Environment): string {
  const name = env.NAME ?? DEFAULT_NAME;
  if (!DEPLOYMENT_NAME.test(name)) throw invalid("NAME", `is ${JSON.stringify(name)}, no deployment's name`);
  return name;
}

/** One bare address; no display name, no comment, nothing that could start another header or recipient. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

/** A bare mail address, as it stands. @throws MailProblem ConfigInvalid */
export function address(name: Name, value: string): string {
  if (!ADDRESS.test(value)) throw invalid(name, `holds ${JSON.stringify(value)}, not a mail address`);
  return value;
}

/** An http(s) URL, normalised. @throws MailProblem ConfigInvalid */
export function url(env: Environment, name: Name): string {
  const value = required(env, name);
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    throw invalid(name, `is ${JSON.stringify(value)}, not an http(s) URL`);
  return new URL(value).href;
}

function json<T extends z.ZodMiniType>(name: Name, text: string, schema: T): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(name, "is not JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw invalid(name, `at ${path.join(".") || "its top"}: ${message}`);
}

const Clusters = z.record(
  z.string().check(z.regex(CLUSTER_ID)),
  z.strictObject({
    nodes: z.int().check(z.gte(NODES_MIN), z.lte(NODES_MAX)),
    sleep_s: z.int().check(z.gte(1), z.lte(86_400)),
  }),
);

/** A Map: `constructor` is a valid cluster id. */
export const parseClusters = (env: Environment): ReadonlyMap<string, ClusterConfig> =>
  new Map(
    Object.entries(json("CLUSTERS", required(env, "CLUSTERS"), Clusters)).map(([id, { nodes, sleep_s }]) => [
      id,
      { nodes, sleepS: sleep_s },
    ]),
  );

const timeOfDay = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "expected a time such as 22:00"));
const timeZone = z.string().check(z.refine(isTimeZone, "expected a time zone such as Europe/London"));
const Quiet = z.strictObject({ from: timeOfDay, to: timeOfDay, time_zone: timeZone }).check(
  z.refine(({ from, to }) => from !== to, "expected two different times"),
  z.refine(({ from, to }) => quietSpanMin(from, to) <= QUIET_MAX_MIN, "expected 16 hours at most"),
);
type Quiet = z.infer<typeof Quiet>;
const Recipients = z
  .array(
    z.union([
      z.string(),
      z.strictObject({
        address: z.string(),
        time_zone: z.optional(timeZone),
        quiet: z.optional(Quiet),
        after_hours: z.optional(z.number().check(z.gte(0.5), z.lte(168))),
      }),
    ]),
  )
  .check(
    z.minLength(1),
    z.refine(
      (all) => all.some((one) => typeof one === "string" || one.after_hours === undefined),
      "expected a recipient without after_hours",
    ),
  );

const quietHours = ({ from, to, time_zone }: Quiet): QuietHours => ({
  fromMin: minuteOf(from),
  toMin: minuteOf(to),
  timeZone: time_zone,
});

/**
 * Goes into Message-IDs (RFC 5322 §3.2.3, atext): no colon, no blank. A time zone of its own is named where the quiet hours
 * do not name it already. Minutes, as `after_hours` may be a fraction.
 */
function channelIdOf(
  quiet: Quiet | undefined,
  zone: string | undefined,
  afterMin: number | undefined,
): string {
  const hours =
    quiet === undefined
      ? "any-time"
      : `quiet-${quiet.from}-${quiet.to}-${quiet.time_zone}`.replaceAll(":", "");
  const place = zone === undefined || zone === quiet?.time_zone ? "" : `-in-${zone}`;
  return `${hours}${place}${afterMin === undefined ? "" : `-after-${afterMin}-min`}`;
}

/** Recipients with the same quiet hours, time zone and `after_hours` are one channel, in the order of their first. */
export function parseChannels(env: Environment): readonly ChannelPolicy[] {
  const text = required(env, "MAIL_TO");
  const recipients = text.startsWith("[") ? json("MAIL_TO", text, Recipients) : text.split(",");
  const channels = new Map<string, ChannelPolicy>();
  for (const recipient of recipients) {
    const {
      address: to,
      quiet,
      time_zone,
      after_hours,
    } = typeof recipient === "string"
      ? { address: recipient.trim() }
      : { quiet: undefined, time_zone: undefined, after_hours: undefined, ...recipient };
    const afterMin = after_hours === undefined ? undefined : Math.round(after_hours * 60);
    const id = channelIdOf(quiet, time_zone, afterMin);
    const zone = time_zone ?? quiet?.time_zone;
    channels.set(id, {
      id,
      to: [...(channels.get(id)?.to ?? []), address("MAIL_TO", to)],
      ...(quiet === undefined ? {} : { quiet: quietHours(quiet) }),
      ...(zone === undefined ? {} : { timeZone: zone }),
      ...(afterMin === undefined ? {} : { afterMs: afterMin * 60_000 }),
    });
  }
  return [...channels.values()];
}

const AlertsJson = z.strictObject({
  sweep_minutes: z._default(z.int().check(z.gte(1), z.lte(60)), 15),
  reminders_max: z._default(z.int().check(z.gte(0), z.lte(20)), 5),
  storm_limit: z._default(z.int().check(z.gte(1), z.lte(100)), 5),
  battery_empty_mv: z._default(z.int().check(z.gte(0), z.lte(20_000)), 4_600),
  weekly: z._default(z.boolean(), true),
});

/** `ALERTS`, a JSON object; what is absent has its default. @throws MailProblem ConfigInvalid */
export function parseAlerts(env: Environment): Alerts {
  const alerts = json("ALERTS", env.ALERTS ?? "{}", AlertsJson);
  return {
    sweepMinutes: alerts.sweep_minutes,
    remindersMax: alerts.reminders_max,
    stormLimit: alerts.storm_limit,
    batteryEmptyMv: alerts.battery_empty_mv,
    weekly: alerts.weekly,
  };
}

/** Optional: without it, the metrics that an alarm reads. */
export function parseWatch(env: Environment): WatchLevel {
  const { WATCH = "essential" } = env;
  const watch = WATCHES.find((known) => known === WATCH);
  if (watch === undefined) throw invalid("WATCH", `is ${JSON.stringify(WATCH)}, not ${WATCHES.join(" or ")}`);
  return watch;
}

/** Optional: without it, subjects say how their incident stands. */
export function parseSubjects(env: Environment): Subjects {
  const { SUBJECTS: written = "changing" } = env;
  const subjects = SUBJECTS.find((known) => known === written);
  if (subjects === undefined)
    throw invalid("SUBJECTS", `is ${JSON.stringify(written)}, not ${SUBJECTS.join(" or ")}`);
  return subjects;
}

const Queues = z.record(z.string().check(z.minLength(1), z.maxLength(80)), z.url());

/** Optional: without it the queues are not looked at. */
export const parseQueues = (env: Environment): ReadonlyMap<string, string> =>
  new Map(Object.entries(json("QUEUES", env.QUEUES ?? "{}", Queues)));

/** Who gets mails, how many reminders, and from when on digests. @throws MailProblem ConfigInvalid */
export const parsePolicy = (env: Environment): Policy => {
  const { remindersMax, stormLimit } = parseAlerts(env);
  return { channels: parseChannels(env), remindersMax, stormLimit, swept: true };
};
