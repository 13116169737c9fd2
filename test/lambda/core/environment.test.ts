import {
  parseAlerts,
  parseChannels,
  parsePolicy,
  parseQueues,
  parseWatch,
} from "../../../lambda/core/environment.ts";
import { environment } from "../send_cluster_mail/support/fixtures.ts";

const night = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
const nap = { from: "13:30", to: "14:00", time_zone: "Europe/London" };

test("addresses in a row -> one channel, told at any time", () => {
  expect(parseChannels({ MAIL_TO: "me@example.org, you@example.org" })).toEqual([
    { id: "any-time", to: ["me@example.org", "you@example.org"] },
  ]);
});

test("quiet hours of 16 hours -> the longest that there may be", () => {
  const MAIL_TO = JSON.stringify([{ address: "a@example.org", quiet: { ...night, to: "14:00" } }]);
  expect(parseChannels({ MAIL_TO })).toMatchObject([{ quiet: { fromMin: 1_320, toMin: 840 } }]);
});

test("quiet hours of some -> one channel for each, with whoever shares them, named by them", () => {
  const MAIL_TO = JSON.stringify([
    { address: "a@example.org", quiet: night },
    "b@example.org",
    { address: "c@example.org", quiet: nap },
    { address: "d@example.org", quiet: night },
    { address: "e@example.org" },
    { address: "f@example.org", time_zone: "America/Lima" },
    { address: "g@example.org", time_zone: "America/Lima", quiet: nap },
    { address: "h@example.org", time_zone: "Europe/London", quiet: nap },
  ]);
  expect(parseChannels({ MAIL_TO })).toEqual([
    {
      id: "quiet-2200-0700-Europe/London",
      to: ["a@example.org", "d@example.org"],
      quiet: { fromMin: 1_320, toMin: 420, timeZone: "Europe/London" },
      timeZone: "Europe/London",
    },
    { id: "any-time", to: ["b@example.org", "e@example.org"] },
    {
      id: "quiet-1330-1400-Europe/London",
      to: ["c@example.org", "h@example.org"],
      quiet: { fromMin: 810, toMin: 840, timeZone: "Europe/London" },
      timeZone: "Europe/London",
    },
    { id: "any-time-in-America/Lima", to: ["f@example.org"], timeZone: "America/Lima" },
    {
      id: "quiet-1330-1400-Europe/London-in-America/Lima",
      to: ["g@example.org"],
      quiet: { fromMin: 810, toMin: 840, timeZone: "Europe/London" },
      timeZone: "America/Lima",
    },
  ]);
});

test("hours until escalation -> channels of their own, named by minutes; one that is told at once is required", () => {
  const MAIL_TO = JSON.stringify([
    { address: "late@example.org", after_hours: 0.75 },
    "a@example.org",
    { address: "later@example.org", after_hours: 9, quiet: nap },
    { address: "also@example.org", after_hours: 0.75 },
  ]);
  expect(parseChannels({ MAIL_TO })).toEqual([
    { id: "any-time-after-45-min", to: ["late@example.org", "also@example.org"], afterMs: 45 * 60_000 },
    { id: "any-time", to: ["a@example.org"] },
    {
      id: "quiet-1330-1400-Europe/London-after-540-min",
      to: ["later@example.org"],
      quiet: { fromMin: 810, toMin: 840, timeZone: "Europe/London" },
      timeZone: "Europe/London",
      afterMs: 9 * 3_600_000,
    },
  ]);
});

test("no ALERTS -> the defaults; some of it -> the rest by default", () => {
  const usual = { sweepMinutes: 15, remindersMax: 5, stormLimit: 5, batteryEmptyMv: 4_600, weekly: true };
  expect(parseAlerts({})).toEqual(usual);
  expect(parseAlerts({ ALERTS: '{"weekly":false}' })).toEqual({ ...usual, weekly: false });
  expect(parseAlerts({ ALERTS: '{"reminders_max":0}' })).toEqual({
    ...usual,
    remindersMax: 0,
  });
  expect(parsePolicy(environment)).toMatchObject({ remindersMax: 5, stormLimit: 5, swept: true });
});

test("how much is watched -> essential unless it says full; another word is named", () => {
  expect(parseWatch({})).toBe("essential");
  expect(parseWatch({ WATCH: "full" })).toBe("full");
  expect(() => parseWatch({ WATCH: "all" })).toThrow(
    'MAIL-001 WATCH is "all", not essential or full; set it like WATCH=essential',
  );
});

test("queues by name, or none", () => {
  expect(parseQueues({})).toEqual(new Map());
  const url = "https://sqs.us-east-1.amazonaws.com/111122223333/events";
  expect(parseQueues({ QUEUES: JSON.stringify({ "events rule": url }) })).toEqual(
    new Map([["events rule", url]]),
  );
  expect(() => parseQueues({ QUEUES: '{"events rule":"none"}' })).toThrow("MAIL-001 QUEUES at events rule");
});

const quiet = (changes: object) =>
  JSON.stringify([{ address: "a@example.org", quiet: { ...night, ...changes } }]);

test.each([
  ["MAIL_TO", "[]", "at its top"],
  ["MAIL_TO", '[{"address":"nobody"}]', "not a mail address"],
  ["MAIL_TO", '[{"adress":"a@example.org"}]', "at 0"],
  ["MAIL_TO", "[", "is not JSON"],
  ["MAIL_TO", quiet({ from: "24:00" }), "at 0"],
  ["MAIL_TO", quiet({ to: "22:00" }), "at 0"],
  ["MAIL_TO", quiet({ to: "14:01" }), "at 0"],
  ["MAIL_TO", quiet({ time_zone: "Mars/Phobos" }), "at 0"],
  ["MAIL_TO", '[{"address":"a@example.org","time_zone":"Mars/Phobos"}]', "at 0"],
  ["MAIL_TO", '[{"address":"a@example.org","after_hours":5}]', "expected a recipient without after_hours"],
  ["MAIL_TO", '["b@example.org",{"address":"a@example.org","after_hours":169}]', "at 1"],
  ["ALERTS", "five", "is not JSON"],
  ["ALERTS", '{"storm_limit":0}', "at storm_limit"],
  ["ALERTS", '{"reminders_max":1.5}', "at reminders_max"],
])("%s is %j -> named, with where and an example", (name, value, found) => {
  const attempt = () => parsePolicy({ ...environment, [name]: value });
  expect(attempt).toThrow(expect.objectContaining({ name: "ConfigInvalid", code: "MAIL-001" }));
  expect(attempt).toThrow(`MAIL-001 ${name} `);
  expect(attempt).toThrow(found);
  expect(attempt).toThrow(`set it like ${name}=`);
});
