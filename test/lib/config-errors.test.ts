/** Every mistake in a configuration, by its name, what was found and an example. */
import { parseConfig } from "../../lib/config.ts";
import { clusters, mail, problemsOf, withMail } from "./config-fixture.ts";
import { exampleConfig } from "./example-app.ts";

const { retention } = exampleConfig;
const withKitchen = (kitchen: unknown) => ({ ...exampleConfig, clusters: { kitchen } });

const withQuiet = (changes: object) =>
  withMail({
    to: [
      {
        address: "you@example.com",
        quiet: { from: "22:00", to: "07:00", time_zone: "Europe/London", ...changes },
      },
    ],
  });

const withSubscription = (subscription: object) => ({ ...exampleConfig, notify: { sns: [subscription] } });

const withRetention = (changes: object) => ({ ...exampleConfig, retention: { ...retention, ...changes } });

const address = 'expected a bare mail address, for example "ha2m@example.com"';
const recipient = 'expected a bare mail address, for example "you@example.com"';
const identity = 'expected ha2m.mail.from itself or its domain, for example "example.com"';

const WHOLE =
  '{"clusters":{"kitchen":{"nodes":2,"sleep_s":900}},"mail":{"from":"ha2m@example.com","to":["you@example.com"],"runbook_url":"https://example.com/ha2m/RUNBOOK.md"},"retention":{"readings_days":365,"logs_days":30}}';

type Mistake = [what: string, value: unknown, problem: string];
const isReported = (...[, value, problem]: Mistake): void => {
  expect(problemsOf(value)).toEqual([problem]);
};

describe("the configuration as a whole is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    ["no configuration at all", undefined, `ha2m is missing: expected an object, for example ${WHOLE}`],
    ["a list", [], `ha2m: found [], expected an object, for example ${WHOLE}`],
    [
      "a section missing",
      { clusters, mail },
      'ha2m.retention is missing: expected an object, for example {"readings_days":365,"logs_days":30}',
    ],
    ...["", "Home", "my-home", "my_home", "2nd", "café", "a".repeat(21), "home\n"].map(
      (name): Mistake => [
        `the name ${JSON.stringify(name)}`,
        { ...exampleConfig, name },
        `ha2m.name: found ${JSON.stringify(name)}, expected 1 to 20 of a-z and 0-9, a letter first, for example "home"`,
      ],
    ),
    [
      "the name that begins another deployment's topics",
      { ...exampleConfig, name: "rosie" },
      'ha2m.name: found "rosie", expected another name than the first level of ha2m\'s topics, for example "home"',
    ],
    [
      "the name of AWS's own schedule group and event bus",
      { ...exampleConfig, name: "default" },
      'ha2m.name: found "default", expected another name than AWS\'s own, for example "home"',
    ],
    [
      "something acknowledged that nobody warns of",
      { ...exampleConfig, acknowledged: ["one-recipient", "two-recipients"] },
      'ha2m.acknowledged.1: found "two-recipients", expected a list of what is known, of freemail-sender, address-identity, one-recipient, alarms-untold, for example ["one-recipient"]',
    ],
    [
      "a key that resembles none",
      { ...exampleConfig, colour: "red" },
      "ha2m.colour is unknown: known are name, clusters, mail, retention, readings, alerts, notify, answer, alarms, watch, acknowledged",
    ],
    [
      "text that is not JSON",
      "{oops",
      `ha2m: found the text "{oops", which is not JSON; write --context ha2m='${WHOLE}'`,
    ],
  ])("%s", isReported);
});

describe("a cluster is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    [
      "no cluster",
      { ...exampleConfig, clusters: {} },
      'ha2m.clusters: found {}, expected at least one cluster, for example {"kitchen":{"nodes":2,"sleep_s":900}}',
    ],
    [
      "a cluster id with a capital",
      { ...exampleConfig, clusters: { Shed: clusters.kitchen } },
      'ha2m.clusters.Shed: found the name "Shed", expected a cluster id: 1 to 32 of a-z, 0-9 and -, a letter first, for example "kitchen"',
    ],
    [
      "a cluster without nodes",
      withKitchen({ sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes is missing: expected a whole number from 2 to 8, for example 2",
    ],
    [
      "too many nodes",
      withKitchen({ nodes: 9, sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes: found 9, expected a whole number from 2 to 8, for example 2",
    ],
    [
      "half a node",
      withKitchen({ nodes: 2.5, sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes: found 2.5, expected a whole number from 2 to 8, for example 2",
    ],
    [
      "a number as text",
      withKitchen({ nodes: 2, sleep_s: "900" }),
      'ha2m.clusters.kitchen.sleep_s: found "900", expected a whole number from 1 to 86400, for example 900',
    ],
    [
      "a key misspelt",
      withKitchen({ nodes: 2, sleep_s: 900, sleeps: 1 }),
      "ha2m.clusters.kitchen.sleeps is unknown: did you mean ha2m.clusters.kitchen.sleep_s?",
    ],
  ])("%s", isReported);
});

describe("the sender or the runbook is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    ["a sender without a domain", withMail({ from: "ha2m" }), `ha2m.mail.from: found "ha2m", ${address}`],
    [
      "a sender with a display name",
      withMail({ from: "Ha2m <ha2m@example.com>" }),
      `ha2m.mail.from: found "Ha2m <ha2m@example.com>", ${address}`,
    ],
    [
      "a wildcard in the sender, which a policy would follow",
      withMail({ from: "*@example.com" }),
      `ha2m.mail.from: found "*@example.com", ${address}`,
    ],
    [
      "an identity of another domain",
      withMail({ identity: "example.net" }),
      `ha2m.mail.identity: found "example.net", ${identity}`,
    ],
    [
      "an identity that is only the end of the domain's name",
      withMail({ identity: "ple.com" }),
      `ha2m.mail.identity: found "ple.com", ${identity}`,
    ],
    [
      "an identity that exists, said by its name",
      withMail({ identity_exists: "example.com" }),
      'ha2m.mail.identity_exists: found "example.com", expected true or false, for example true',
    ],
    [
      "a runbook that is no URL",
      withMail({ runbook_url: "RUNBOOK.md" }),
      'ha2m.mail.runbook_url: found "RUNBOOK.md", expected an http(s) URL without #, for example "https://example.com/ha2m/RUNBOOK.md"',
    ],
  ])("%s", isReported);
});

describe("a recipient is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    [
      "two recipients in one text",
      withMail({ to: ["a@example.com,b@example.com"] }),
      `ha2m.mail.to.0: found "a@example.com,b@example.com", ${recipient}`,
    ],
    [
      "a line break in a recipient",
      withMail({ to: ["a@example.com", "b@example.com\nBcc: c@example.com"] }),
      `ha2m.mail.to.1: found "b@example.com\\nBcc: c@example.com", ${recipient}`,
    ],
    [
      "nobody to tell",
      withMail({ to: [] }),
      'ha2m.mail.to: found [], expected at least one mail address, for example ["you@example.com"]',
    ],
    [
      "one recipient, not in a list",
      withMail({ to: "you@example.com" }),
      'ha2m.mail.to: found "you@example.com", expected a list of mail addresses, for example ["you@example.com"]',
    ],
    ["a recipient that is a number", withMail({ to: [5] }), `ha2m.mail.to.0: found 5, ${recipient}`],
    [
      "a recipient with quiet hours and without an address",
      withMail({ to: [{ quiet: { from: "22:00", to: "07:00", time_zone: "UTC" } }] }),
      `ha2m.mail.to.0.address is missing: ${recipient}`,
    ],
    [
      "a recipient's address that is none",
      withMail({ to: [{ address: "you" }] }),
      `ha2m.mail.to.0.address: found "you", ${recipient}`,
    ],
    [
      "a key of a recipient misspelt",
      withMail({ to: [{ address: "you@example.com", quite: {} }] }),
      "ha2m.mail.to.0.quite is unknown: did you mean ha2m.mail.to.0.quiet?",
    ],
  ])("%s", isReported);
});

const them = (after_hours: unknown) => ({ address: "them@example.com", after_hours });
const hours = "expected a number of hours from 0.5 to 168, for example 4";

describe("hours until escalation are wrong -> what was found and an example", () => {
  test.each<Mistake>([
    ...[0.4, 168.5, -3, "six", null].map(
      (found): Mistake => [
        `after_hours of ${found}`,
        withMail({ to: ["you@example.com", them(found)] }),
        `ha2m.mail.to.1.after_hours: found ${JSON.stringify(found)}, ${hours}`,
      ],
    ),
    [
      "nobody who is told at once",
      withMail({ to: [them(7)] }),
      'ha2m.mail.to: found [{"address":"them@example.com","after_hours":7}], expected at least one recipient without after_hours, for example ["you@example.com",{"address":"them@example.com","after_hours":4}]',
    ],
  ])("%s", isReported);
});

describe("quiet hours or a time zone is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    [
      "a key of quiet hours that resembles none",
      withQuiet({ zone_of_silence: 1 }),
      "ha2m.mail.to.0.quiet.zone_of_silence is unknown: known are from, to, time_zone",
    ],
    [
      "quiet hours without a time zone",
      withQuiet({ time_zone: undefined }),
      'ha2m.mail.to.0.quiet.time_zone is missing: expected a time zone of the IANA database, for example "Europe/London"',
    ],
    [
      "a time zone that there is not",
      withQuiet({ time_zone: "Europe/Lundun" }),
      'ha2m.mail.to.0.quiet.time_zone: found "Europe/Lundun", expected a time zone of the IANA database, for example "Europe/London"',
    ],
    [
      "a recipient's time zone that there is not",
      withMail({ to: [{ address: "you@example.com", time_zone: "CEST" }] }),
      'ha2m.mail.to.0.time_zone: found "CEST", expected a time zone of the IANA database, for example "Europe/London"',
    ],
    [
      "an hour that there is not",
      withQuiet({ from: "24:00" }),
      'ha2m.mail.to.0.quiet.from: found "24:00", expected a time of day from 00:00 to 23:59, for example "22:00"',
    ],
    [
      "quiet hours that end as they begin",
      withQuiet({ to: "22:00" }),
      'ha2m.mail.to.0.quiet.to: found "22:00", expected another time than quiet.from, for example "07:00"',
    ],
    [
      "quiet hours of 23 h 50 min",
      withQuiet({ to: "21:50" }),
      'ha2m.mail.to.0.quiet.to: found "21:50", expected a time at most 16 hours after quiet.from, for example "07:00"',
    ],
  ])("%s", isReported);
});

describe("a setting of alerts, notifications, links or alarms is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    [
      "sweeps further apart than an hour",
      { ...exampleConfig, alerts: { sweep_minutes: 61 } },
      "ha2m.alerts.sweep_minutes: found 61, expected a whole number from 1 to 60, for example 15",
    ],
    [
      "a storm of nothing",
      { ...exampleConfig, alerts: { storm_limit: 0 } },
      "ha2m.alerts.storm_limit: found 0, expected a whole number from 1 to 100, for example 5",
    ],
    [
      "reminders without end",
      { ...exampleConfig, alerts: { reminders_max: 21 } },
      "ha2m.alerts.reminders_max: found 21, expected a whole number from 0 to 20, for example 5",
    ],
    [
      "a pack that is never empty",
      { ...exampleConfig, alerts: { battery_empty_mv: 0 } },
      "ha2m.alerts.battery_empty_mv: found 0, expected a whole number from 1 to 20000, for example 4600",
    ],
    [
      "a section that is no object",
      { ...exampleConfig, alerts: [] },
      'ha2m.alerts: found [], expected an object, for example {"sweep_minutes":15,"reminders_max":5,"storm_limit":5,"battery_empty_mv":4600}',
    ],
    [
      "a key of alerts misspelt",
      { ...exampleConfig, alerts: { sweep_minute: 5 } },
      "ha2m.alerts.sweep_minute is unknown: did you mean ha2m.alerts.sweep_minutes?",
    ],
    [
      "a protocol that is not supported",
      withSubscription({ protocol: "pager", endpoint: "1" }),
      'ha2m.notify.sns.0.protocol: found "pager", expected one of sms, email, https, for example "sms"',
    ],
    [
      "a telephone number without its country",
      withSubscription({ protocol: "sms", endpoint: "07700 900123" }),
      'ha2m.notify.sns.0.endpoint: found "07700 900123", expected a telephone number in E.164 form, for example "+447700900123"',
    ],
    [
      "a URL without TLS",
      withSubscription({ protocol: "https", endpoint: "http://example.com" }),
      'ha2m.notify.sns.0.endpoint: found "http://example.com", expected an https URL, for example "https://example.com/alerts"',
    ],
    [
      "an event bus named rather than switched on",
      { ...exampleConfig, notify: { event_bus: "default" } },
      'ha2m.notify.event_bus: found "default", expected true or false, for example true',
    ],
    [
      "links neither on nor off",
      { ...exampleConfig, answer: { links: "yes" } },
      'ha2m.answer.links: found "yes", expected true or false, for example true',
    ],
    [
      "somebody to tell of alarms who is no mail address",
      { ...exampleConfig, alarms: { email: ["you@example.com", "you"] } },
      'ha2m.alarms.email.1: found "you", expected a bare mail address, for example "you@example.com"',
    ],
  ])("%s", isReported);
});

describe("a table or a retention is wrong -> its name, what was found and an example", () => {
  test.each<Mistake>([
    [
      "a table's ARN for its name",
      { ...exampleConfig, readings: { table: "arn:aws:dynamodb:us-east-1:123456789012:table/t" } },
      'ha2m.readings.table: found "arn:aws:dynamodb:us-east-1:123456789012:table/t", expected the name of a DynamoDB table, for example "Ha2mData-Readings9F99D490-1A2B3C4D5E6F"',
    ],
    [
      "one table for both",
      { ...exampleConfig, readings: { table: "old" }, alerts: { table: "old" } },
      'ha2m.alerts.table: found "old", expected another table than ha2m.readings.table',
    ],
    [
      "a retention that CloudWatch does not know",
      withRetention({ logs_days: 31 }),
      "ha2m.retention.logs_days: found 31, expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, for example 30",
    ],
    [
      "readings that are gone before a cluster is missed",
      { ...withKitchen({ nodes: 2, sleep_s: 43_200 }), retention: { readings_days: 2, logs_days: 30 } },
      "ha2m.retention.readings_days: found 2, expected at least 3: cluster kitchen sleeps for 43200 s, and is missed after 4 sleeps, for example 3",
    ],
    [
      "readings kept for no time",
      withRetention({ readings_days: 0 }),
      "ha2m.retention.readings_days: found 0, expected a whole number from 1 to 3650, for example 365",
    ],
  ])("%s", isReported);
});

test("the examples in the errors about a missing configuration, and about a missing section -> are valid", () => {
  const exampleIn = (value: unknown): unknown =>
    JSON.parse(/ for example (.*)$/.exec(problemsOf(value)[0] ?? "")?.[1] ?? "");
  expect(problemsOf(exampleIn(undefined))).toEqual([]);
  expect(problemsOf(/ha2m='(.*)'$/.exec(problemsOf("{oops")[0] ?? "")?.[1])).toEqual([]);
  for (const section of ["clusters", "mail", "retention"])
    expect(
      problemsOf({ ...exampleConfig, [section]: exampleIn({ ...exampleConfig, [section]: undefined }) }),
    ).toEqual([]);
});

test("several things wrong -> one error that lists each, and where to correct them", () => {
  const value = { ...withKitchen({ nodes: 1, sleep_s: 0 }), retention: undefined };
  expect(problemsOf(value)).toHaveLength(3);
  expect(() => parseConfig(value)).toThrow(
    /^CFG-001 the configuration has 3 problems:\n {2}- ha2m\.clusters/,
  );
  expect(() => parseConfig(value)).toThrow(/Correct "ha2m" in the context of cdk\.json\.$/);
});

test("examples in the errors about sections that may be left out -> are valid", () => {
  for (const section of ["alerts", "readings", "notify", "answer", "alarms", "watch"]) {
    const [problem = ""] = problemsOf({ ...exampleConfig, [section]: 1 });
    const example: unknown = JSON.parse(/ for example (.*)$/.exec(problem)?.[1] ?? "");
    expect(problemsOf({ ...exampleConfig, [section]: example })).toEqual([]);
  }
});
