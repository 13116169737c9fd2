/** The weekly report is sent once to each channel, whatever crashes. */
import { parseConfig } from "../../../lambda/send_cluster_mail/core/config.ts";
import { type Crash, testCloud } from "./support/cloud.ts";
import { environment } from "./support/fixtures.ts";
import { weekly } from "./support/mail-contexts.ts";
import { memoryIncidents } from "./support/memory-incidents.ts";

const { report, nowMs } = weekly();
const signal = (afterMs = 0) => ({
  source: "sweep",
  type: "weekly",
  received_at: nowMs + afterMs,
  report,
});
const HOUR_MS = 3_600_000;

test("the same week signalled three times -> one mail; no reminder and no RESOLVED, ever", async () => {
  const cloud = testCloud();
  for (const hours of [0, 1, 30 * 24]) await cloud.deliver(signal(hours * HOUR_MS));
  expect(cloud.subjects()).toEqual(["[ha2m] WEEKLY kitchen: 669 of 672 readings, 3.8 to 6.3 °C"]);
  expect(cloud.log.map(({ send, kind, why }) => [send, kind, why])).toEqual([
    [true, "weekly", "week-over"],
    [false, "weekly", "already-told"],
    [false, "weekly", "already-told"],
  ]);
});

test.each<[Crash["call"], Crash["when"], number]>([
  ["write", "before", 1],
  ["write", "after", 1],
  ["send", "before", 1],
  ["send", "after", 2],
  ["confirm", "before", 2],
  ["confirm", "after", 1],
])("a crash %s %s -> told all the same, and a copy is marked", async (call, when, mails) => {
  const cloud = testCloud();
  cloud.plan([{ call, when }]);
  expect(await cloud.deliver(signal())).toBe("done");
  expect(cloud.mails).toHaveLength(mails);
  if (mails > 1) expect(cloud.mails.at(-1)?.text).toContain("NOTE: Possible duplicate");
});

test("a channel in its quiet hours -> its report waits for their end, the other's does not", async () => {
  const quiet = { from: "06:00", to: "09:00", time_zone: "UTC" };
  const MAIL_TO = JSON.stringify(["me@example.org", { address: "sleeper@example.org", quiet }]);
  const cloud = testCloud(memoryIncidents(), parseConfig({ ...environment, MAIL_TO }));
  await cloud.deliver(signal());
  expect(cloud.mails.map(({ to }) => to.join())).toEqual(["me@example.org"]);
  await cloud.deliver(signal(2 * HOUR_MS));
  expect(cloud.mails.map(({ to }) => to.join())).toEqual(["me@example.org", "sleeper@example.org"]);
});
