/**
 * The configuration as a person writes it: `ha2m` in cdk.json's context. Every rule carries what it expects and an
 * example, so that an error can say both.
 */
import * as z from "zod/mini";
import { PERIOD_S } from "../simulator/protocol/timing.ts";
import { SILENCE_PERIODS } from "./contract/messages.ts";
import { WATCHES } from "./contract/metrics.ts";
import { DEFAULT_NAME, NAME } from "./contract/names.ts";
import { QUIET_MAX_MIN, quietSpanMin } from "./contract/quiet-hours.ts";
import { ARTICLE_ROOT, CLUSTER_ID, NODES_MAX, NODES_MIN } from "./contract/topics.ts";
import { ADVICE } from "./mail-advice.ts";

const expected = (what: string, example: unknown): string =>
  `expected ${what}, for example ${JSON.stringify(example)}`;

/** A whole configuration, for errors about it and about its sections. */
export const EXAMPLE = {
  clusters: { kitchen: { nodes: 2, sleep_s: PERIOD_S } },
  mail: {
    from: "ha2m@example.com",
    to: ["you@example.com"],
    runbook_url: "https://example.com/ha2m/RUNBOOK.md",
  },
  retention: { readings_days: 365, logs_days: 30 },
};

const wholeNumber = (min: number, max: number, example: number) => {
  const error = expected(`a whole number from ${min} to ${max}`, example);
  return z.int(error).check(z.gte(min, error), z.lte(max, error));
};

const text = (pattern: RegExp, lengthMax: number, what: string, example: string) => {
  const error = expected(what, example);
  return z.string(error).check(z.regex(pattern, error), z.maxLength(lengthMax, error));
};

const DOMAIN = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+";
// Narrower than RFC 5322: no comma (recipients are joined by it), and no * ? $ (wildcards in a policy's resource).
const LOCAL_PART = "[A-Za-z0-9._%+='~-]{1,64}";
/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const ADDRESS_LENGTH_MAX = 254;

const address = (example: string) =>
  text(new RegExp(`^${LOCAL_PART}@${DOMAIN}$`), ADDRESS_LENGTH_MAX, "a bare mail address", example);

/** Days that a CloudWatch log group may keep its events (PutRetentionPolicy, `retentionInDays`). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const nameExpected = expected("1 to 20 of a-z and 0-9, a letter first", "home");
/** What the names of a deployment's parts begin with. */
const NameSchema = z.string(nameExpected).check(
  z.regex(NAME, nameExpected),
  // AWS has a schedule group and an event bus of that name in every account.
  z.refine((name) => name !== "default", { error: expected("another name than AWS's own", "home") }),
  z.refine((name) => name !== ARTICLE_ROOT, {
    error: expected(`another name than the first level of ${DEFAULT_NAME}'s topics`, "home"),
  }),
);

/** One cluster: how many nodes, and how long each sleeps. */
const ClusterSchema = z.strictObject(
  { nodes: wholeNumber(NODES_MIN, NODES_MAX, 2), sleep_s: wholeNumber(1, 86_400, PERIOD_S) },
  expected("an object", EXAMPLE.clusters.kitchen),
);

const clustersExpected = expected("at least one cluster", EXAMPLE.clusters);
const clusterIdExpected = expected("a cluster id: 1 to 32 of a-z, 0-9 and -, a letter first", "kitchen");

const covers = (identity: string, from: string): boolean => {
  const [wanted, address] = [identity.toLowerCase(), from.toLowerCase()];
  return address === wanted || address.endsWith(`@${wanted}`) || address.endsWith(`.${wanted}`);
};
const identityExpected = expected("ha2m.mail.from itself or its domain", "example.com");

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
const timeZoneExpected = expected("a time zone of the IANA database", "Europe/London");
const clockTime = (example: string) =>
  text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 5, "a time of day from 00:00 to 23:59", example);

const QUIET = { from: "22:00", to: "07:00", time_zone: "Europe/London" };

/** When somebody wants no mail. `from` later than `to`: over midnight. */
const QuietSchema = z
  .strictObject(
    {
      from: clockTime(QUIET.from),
      to: clockTime(QUIET.to),
      time_zone: z.string(timeZoneExpected).check(z.refine(isTimeZone, timeZoneExpected)),
    },
    expected("an object", QUIET),
  )
  .check(
    z.refine(({ from, to }) => from !== to, {
      path: ["to"],
      error: expected("another time than quiet.from", QUIET.to),
    }),
    // Otherwise hardly any minute is left in which a mail may go out.
    z.refine(({ from, to }) => quietSpanMin(from, to) <= QUIET_MAX_MIN, {
      path: ["to"],
      error: expected("a time at most 16 hours after quiet.from", QUIET.to),
    }),
  );

const afterHoursExpected = expected("a number of hours from 0.5 to 168", 4);

/** Somebody who is told: an address; or an address with its time zone, its quiet hours, its hours until escalation. */
const RecipientSchema = z.union(
  [
    address("you@example.com"),
    z.strictObject({
      address: address("you@example.com"),
      /** Not given: that of the quiet hours; otherwise UTC. */
      time_zone: z.optional(z.string(timeZoneExpected).check(z.refine(isTimeZone, timeZoneExpected))),
      quiet: z.optional(QuietSchema),
      /** Told only if nobody has answered so many hours after the others were told. */
      after_hours: z.optional(
        z.number(afterHoursExpected).check(z.gte(0.5, afterHoursExpected), z.lte(168, afterHoursExpected)),
      ),
    }),
  ],
  expected("a bare mail address", "you@example.com"),
);

const tableName = (example: string) =>
  text(/^[A-Za-z0-9_.-]{3,255}$/, 255, "the name of a DynamoDB table", example);

/** What subjects do while an incident changes. */
const SUBJECTS = ["changing", "constant"] as const;

/** Who writes, who is told, and where the runbook is. */
const MailSchema = z
  .strictObject(
    {
      /** The sender. */
      from: address("ha2m@example.com"),
      /** What SES verifies: the sender's address (the default) or its domain. */
      identity: z.optional(
        text(
          new RegExp(`^(?:${LOCAL_PART}@)?${DOMAIN}$`),
          ADDRESS_LENGTH_MAX,
          "a mail address or a domain",
          "example.com",
        ),
      ),
      /** SES has the identity already: it is used as it is, and not made. */
      identity_exists: z._default(z.boolean(expected("true or false", true)), false),
      /** Who is told. */
      to: z
        .array(RecipientSchema, expected("a list of mail addresses", ["you@example.com"]))
        // SES takes 50 recipients a mail.
        .check(
          z.minLength(1, expected("at least one mail address", ["you@example.com"])),
          z.maxLength(50, expected("at most 50 mail addresses", ["you@example.com"])),
          z.refine(
            (to) =>
              to.length === 0 || to.some((one) => typeof one === "string" || one.after_hours === undefined),
            expected("at least one recipient without after_hours", [
              "you@example.com",
              { address: "them@example.com", after_hours: 4 },
            ]),
          ),
        ),
      /** Where the reader of a mail finds RUNBOOK.md; mails link to its sections. */
      runbook_url: text(
        /^https?:\/\/[^\s#"<>]+$/,
        500,
        "an http(s) URL without #",
        "https://example.com/ha2m/RUNBOOK.md",
      ),
      /** A report of the week, each Monday. */
      weekly: z._default(z.boolean(expected("true or false", false)), true),
      /** `constant`: all mails of a thread have one subject, for mail programs that group by it as well. */
      subjects: z._default(
        z.literal(SUBJECTS, expected(`one of ${SUBJECTS.join(", ")}`, "constant")),
        "changing",
      ),
    },
    expected("an object", EXAMPLE.mail),
  )
  .check(
    z.refine(({ from, identity }) => identity === undefined || covers(identity, from), {
      path: ["identity"],
      error: identityExpected,
    }),
  );

/** How long things are kept, in days. */
const RetentionSchema = z.strictObject(
  {
    /** Readings and heartbeats. */
    readings_days: wholeNumber(1, 3_650, 365),
    logs_days: z.literal(LOG_RETENTION_DAYS, expected(`one of ${LOG_RETENTION_DAYS.join(", ")}`, 30)),
  },
  expected("an object", EXAMPLE.retention),
);

/** What stands for `alerts` where nothing is written, and for each of its values. */
const ALERTS = { sweep_minutes: 15, reminders_max: 5, storm_limit: 5, battery_empty_mv: 4_600 };

/** How often is looked, and how much is told. */
const AlertsSchema = z.strictObject(
  {
    /** Minutes between two looks at what nobody reports: silence, two primaries, reminders that are due. */
    sweep_minutes: z._default(wholeNumber(1, 60, 15), ALERTS.sweep_minutes),
    /** Reminders for one episode; 0 is none. */
    reminders_max: z._default(wholeNumber(0, 20, 5), ALERTS.reminders_max),
    /** Incidents opened within an hour that are told one by one; more come in one digest. */
    storm_limit: z._default(wholeNumber(1, 100, 5), ALERTS.storm_limit),
    /**
     * A pack is empty at this open-circuit voltage, in mV. The default is that of four NiMH cells with a tenth left,
     * where a transmitter's 550 mA takes the pack to the 4.4 V that a 1117 regulator needs (docs/battery-life.md).
     */
    battery_empty_mv: z._default(wholeNumber(1, 20_000, 4_600), ALERTS.battery_empty_mv),
    /** The table of heartbeats and incidents that an earlier deployment left; none is made. */
    table: z.optional(tableName("Ha2mData-Clusters3E3F57D1-1A2B3C4D5E6F")),
  },
  expected("an object", ALERTS),
);

const ENDPOINTS = {
  sms: text(/^\+[1-9]\d{6,14}$/, 16, "a telephone number in E.164 form", "+447700900123"),
  email: address("you@example.com"),
  https: text(/^https:\/\/[^\s"<>]+$/, 500, "an https URL", "https://example.com/alerts"),
} as const;
const SUBSCRIPTION = { protocol: "sms", endpoint: "+447700900123" };
const subscriptionExpected = expected("an object", SUBSCRIPTION);
const PROTOCOLS = ["sms", "email", "https"] as const;

/** Somebody who gets one line for each mail by way of SNS. */
const SubscriptionSchema = z
  .strictObject(
    {
      protocol: z.literal(PROTOCOLS, expected(`one of ${PROTOCOLS.join(", ")}`, "sms")),
      endpoint: z.string(expected("what the protocol sends to", SUBSCRIPTION.endpoint)),
    },
    subscriptionExpected,
  )
  .check((context) => {
    const { protocol, endpoint } = context.value;
    const problem = ENDPOINTS[protocol].safeParse(endpoint).error?.issues[0];
    if (problem === undefined) return;
    context.issues.push({
      code: "custom",
      path: ["endpoint"],
      message: problem.message,
      input: endpoint,
    });
  });

const NOTIFY = { event_bus: true, sns: [SUBSCRIPTION] };

/** Ways out beside mail. */
const NotifySchema = z.strictObject(
  {
    /** An event for each decision, sent or not, on an EventBridge bus of its own. */
    event_bus: z._default(z.boolean(expected("true or false", true)), false),
    sns: z._default(
      z
        .array(SubscriptionSchema, expected("a list of subscriptions", NOTIFY.sns))
        .check(z.maxLength(50, expected("at most 50 subscriptions", NOTIFY.sns))),
      [],
    ),
  },
  expected("an object", NOTIFY),
);

const READINGS = { basic_ingest: true };

/** How readings travel. */
const ReadingsSchema = z.strictObject(
  {
    /** Nodes publish to the rule itself, past the broker: the message costs nothing, and nobody can subscribe to it. */
    basic_ingest: z._default(z.boolean(expected("true or false", true)), false),
    /** The table of readings that an earlier deployment left; none is made. */
    table: z.optional(tableName("Ha2mData-Readings9F99D490-1A2B3C4D5E6F")),
  },
  expected("an object", READINGS),
);

const ANSWER = { links: true };

/** How a person answers a mail. */
const AnswerSchema = z.strictObject(
  {
    /** Mails carry links that acknowledge and snooze; they lead to a function that anybody on the internet can reach. */
    links: z._default(z.boolean(expected("true or false", true)), false),
  },
  expected("an object", ANSWER),
);

const ALARMS = { email: ["you@example.com"] };

/** Who is told when the backend itself fails. */
const AlarmsSchema = z.strictObject(
  {
    /**
     * Mail addresses that SNS writes to by itself, past our own way of sending mail; each has to confirm once. Not given:
     * the first recipient of mails without `after_hours`. An empty list is nobody.
     */
    email: z.optional(
      z
        .array(address("you@example.com"), expected("a list of mail addresses", ALARMS.email))
        .check(z.maxLength(50, expected("at most 50 mail addresses", ALARMS.email))),
    ),
  },
  expected("an object", ALARMS),
);

const acknowledgedExpected = expected(`a list of what is known, of ${ADVICE.join(", ")}`, ["one-recipient"]);

const DAY_S = 86_400;
/** The longest time between two sweeps, seconds. */
const SWEEP_MAX_S = 3_600;
/** A heartbeat is kept as long as a reading; gone before silence is due, the cluster would never be missed. */
const daysToMiss = (sleepS: number): number => Math.ceil((SILENCE_PERIODS * sleepS + SWEEP_MAX_S) / DAY_S);

/** The whole of `ha2m`. */
export const ConfigSchema = z
  .strictObject(
    {
      name: z._default(NameSchema, DEFAULT_NAME),
      clusters: z
        .record(z.string().check(z.regex(CLUSTER_ID, clusterIdExpected)), ClusterSchema, clustersExpected)
        .check(z.refine((clusters) => Object.keys(clusters).length > 0, clustersExpected)),
      mail: MailSchema,
      retention: RetentionSchema,
      readings: z.prefault(ReadingsSchema, {}),
      alerts: z.prefault(AlertsSchema, {}),
      notify: z.prefault(NotifySchema, {}),
      answer: z.prefault(AnswerSchema, {}),
      alarms: z.prefault(AlarmsSchema, {}),
      /** The alarms that cost nothing and say first that mail or storage fails, or all of them and the dashboard. */
      watch: z._default(
        z.literal(WATCHES, expected(`one of ${WATCHES.join(", ")}`, "essential")),
        "essential",
      ),
      /** What the synthesis need not warn of any more. */
      acknowledged: z._default(z.array(z.literal(ADVICE, acknowledgedExpected), acknowledgedExpected), []),
    },
    expected("an object", EXAMPLE),
  )
  .check(
    z.refine(({ readings, alerts }) => readings.table === undefined || readings.table !== alerts.table, {
      path: ["alerts", "table"],
      error: "expected another table than ha2m.readings.table",
    }),
    ({ value: { clusters, retention }, issues }) => {
      const sleeps = Object.entries(clusters).sort(([, x], [, y]) => y.sleep_s - x.sleep_s);
      const longest = sleeps[0];
      // Said already, each by its own rule.
      if (longest === undefined || retention.readings_days < 1) return;
      const [cluster, { sleep_s }] = longest;
      const days = daysToMiss(sleep_s);
      if (retention.readings_days >= days) return;
      issues.push({
        code: "custom",
        path: ["retention", "readings_days"],
        message: expected(
          `at least ${days}: cluster ${cluster} sleeps for ${sleep_s} s, and is missed after ${SILENCE_PERIODS} sleeps`,
          days,
        ),
        input: retention.readings_days,
      });
    },
  );
/** The configuration as written, with units in its names. */
export type ConfigSchema = z.infer<typeof ConfigSchema>;
