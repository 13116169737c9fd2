import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../lib/config.ts";
import { clusters, problemsOf, withMail } from "./config-fixture.ts";
import { exampleConfig } from "./example-app.ts";

test("a whole configuration -> the same values in the code's terms", () => {
  expect(parseConfig(exampleConfig)).toEqual({
    name: "ha2m",
    clusters: new Map([
      ["kitchen", { nodes: 2, sleepS: 900 }],
      ["shed-2", { nodes: 3, sleepS: 60 }],
    ]),
    mail: {
      from: "ha2m@example.com",
      identity: "ha2m@example.com",
      identityExists: false,
      to: [{ address: "you@example.com" }, { address: "me@example.org" }],
      runbookUrl: "https://example.com/RUNBOOK.md",
      weekly: true,
      subjects: "changing",
    },
    retention: { readingsDays: 10, logsDays: 30 },
    alerts: { sweepMinutes: 15, remindersMax: 5, stormLimit: 5, batteryEmptyMv: 4_600 },
    readings: { basicIngest: false },
    notify: { eventBus: false, sns: [] },
    answer: { links: false },
    alarms: { email: ["you@example.com"] },
    watch: "essential",
    acknowledged: [],
  });
});

test("nobody to be told of alarms, written so -> nobody; the first recipient is told only where nothing is said", () => {
  expect(parseConfig({ ...exampleConfig, alarms: { email: [] } }).alarms).toEqual({ email: [] });
  expect(parseConfig({ ...exampleConfig, alarms: {} }).alarms).toEqual({ email: ["you@example.com"] });
  const to = [{ address: "late@example.net", after_hours: 2 }, "soon@example.net"];
  expect(parseConfig(withMail({ to })).alarms).toEqual({ email: ["soon@example.net"] });
});

test("sections that may be left out, written whole -> their values in the code's terms", () => {
  const quiet = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
  const sns = [
    { protocol: "sms", endpoint: "+447700900123" },
    { protocol: "email", endpoint: "you@example.com" },
    { protocol: "https", endpoint: "https://example.com/alerts?key=1" },
  ];
  const config = parseConfig({
    ...withMail({
      to: [
        "you@example.com",
        { address: "me@example.org", quiet },
        { address: "a@b.example", time_zone: "Asia/Tokyo" },
        { address: "late@b.example", after_hours: 12.5 },
      ],
    }),
    alerts: { sweep_minutes: 1, reminders_max: 0, storm_limit: 100, battery_empty_mv: 3_000 },
    readings: { basic_ingest: true },
    notify: { event_bus: true, sns },
    answer: { links: true },
    alarms: { email: ["you@example.com", "me@example.org"] },
    watch: "full",
  });
  expect(config.mail.to).toEqual([
    { address: "you@example.com" },
    { address: "me@example.org", quiet: { from: "22:00", to: "07:00", timeZone: "Europe/London" } },
    { address: "a@b.example", timeZone: "Asia/Tokyo" },
    { address: "late@b.example", afterHours: 12.5 },
  ]);
  expect(config.alerts).toEqual({ sweepMinutes: 1, remindersMax: 0, stormLimit: 100, batteryEmptyMv: 3_000 });
  expect(config.notify).toEqual({ eventBus: true, sns });
  expect(config.readings).toEqual({ basicIngest: true });
  expect(config.answer).toEqual({ links: true });
  expect(config.watch).toBe("full");
  expect(config.alarms).toEqual({ email: ["you@example.com", "me@example.org"] });
});

test("one value of a section that may be left out -> the others have their defaults", () => {
  expect(parseConfig({ ...exampleConfig, alerts: { reminders_max: 0 } }).alerts).toEqual({
    sweepMinutes: 15,
    remindersMax: 0,
    stormLimit: 5,
    batteryEmptyMv: 4_600,
  });
});

test("what an earlier deployment left -> taken over by name", () => {
  const config = parseConfig({
    ...withMail({ identity_exists: true }),
    readings: { table: "Ha2mData-Readings9F99D490-1A2B3C4D5E6F" },
    alerts: { table: "clusters.old" },
  });
  expect(config.mail.identityExists).toBe(true);
  expect(config.readings).toEqual({ basicIngest: false, table: "Ha2mData-Readings9F99D490-1A2B3C4D5E6F" });
  expect(config.alerts.table).toBe("clusters.old");
});

test("a name -> the deployment's", () => {
  expect(parseConfig({ ...exampleConfig, name: "home2" }).name).toBe("home2");
});

test("the configuration as JSON text, as --context gives it -> parsed", () => {
  expect(parseConfig(JSON.stringify(exampleConfig))).toEqual(parseConfig(exampleConfig));
});

test("the configuration in cdk.json -> valid", () => {
  const { context } = JSON.parse(readFileSync(join(__dirname, "../../cdk.json"), "utf8"));
  expect(problemsOf(context.ha2m)).toEqual([]);
});

test.each(["example.com", "ha2m@example.com", "Example.COM"])(
  "identity %s covers the sender -> kept",
  (identity) => {
    expect(parseConfig(withMail({ identity })).mail.identity).toBe(identity);
  },
);

test("a sender in a subdomain of the identity -> accepted", () => {
  expect(problemsOf(withMail({ from: "ha2m@home.example.com", identity: "example.com" }))).toEqual([]);
});

test("a cluster named like a property of every object -> a cluster like any other", () => {
  const config = parseConfig({ ...exampleConfig, clusters: { constructor: clusters.kitchen } });
  expect([...config.clusters]).toEqual([["constructor", { nodes: 2, sleepS: 900 }]]);
});
