/** How a cluster stands while its mail is written, in the mail. */
import { type Mail, renderMail } from "../../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { Heard, Surroundings } from "../../../../../lambda/send_cluster_mail/core/mail/surroundings.ts";
import { DAY_MS, FACTS, HOUR_MS, mailConfig, mailContext, NOON_MS } from "../../support/mail-contexts.ts";

const MINUTE_MS = 60_000;
const REMINDER_MS = NOON_MS + DAY_MS;

const heard = (node: number, receivedMs: number, temperatureC: number): Heard => ({
  node,
  receivedMs,
  sleepS: 900,
  temperatureC,
});

const reminderIn = (surroundings: Surroundings): Mail =>
  renderMail(mailContext("node-dead", "reminder", { surroundings }), mailConfig);

const sectionOf = ({ text }: Mail, title: string): string | undefined =>
  text
    .split("\n\n")
    .find((block) => block.startsWith(`${title}\n`))
    ?.split("\n")
    .slice(1)
    .map((line) => line.trim())
    .join(" ");

test("a reminder, one node publishes -> which one, its last reading, and when", () => {
  const mail = reminderIn({
    heard: [heard(0, NOON_MS - HOUR_MS, 3.1), heard(1, REMINDER_MS - 5 * MINUTE_MS, -18.26)],
  });
  expect(sectionOf(mail, "Now")).toBe(
    "Node 1 publishes. Its last reading: -18.3 °C at 2026-01-02 11:55 UTC, 5 min before this mail.",
  );
  expect(mail.html).toContain("Node 1 publishes.");
});

test("two nodes publish -> both, the newest first", () => {
  const mail = reminderIn({
    heard: [heard(0, REMINDER_MS - 15 * MINUTE_MS, 3.1), heard(1, REMINDER_MS - MINUTE_MS, 4.2)],
  });
  expect(sectionOf(mail, "Now")).toMatch(/^Node 1 publishes.*Node 0 publishes/);
});

test.each([
  [60, "Node 0 publishes."],
  [61, "No node publishes. The last reading, 3.1 °C, came from node 0"],
])("the last reading %d min ago, of a node that sleeps 15 min -> %s", (minutes, begins) => {
  const mail = reminderIn({ heard: [heard(0, REMINDER_MS - minutes * MINUTE_MS, 3.1)] });
  expect(sectionOf(mail, "Now")).toMatch(new RegExp(`^${begins}`));
});

test("nothing else fires, or other incidents do -> one line", () => {
  expect(sectionOf(reminderIn({ firing: [] }), "Everything else")).toBe(
    "No other incident fires in kitchen.",
  );
  const firing = [FACTS["battery-low"], FACTS["sensor-failing"]];
  expect(sectionOf(reminderIn({ firing }), "Everything else")).toBe(
    "Also firing: battery of node 1 lasts about 9 days; node 1 cannot measure, its sensor fails.",
  );
  const many = [...firing, FACTS["eeprom-unwritable"], FACTS["split-brain"], FACTS["node-suspect"]];
  expect(sectionOf(reminderIn({ firing: many }), "Everything else")).toMatch(
    /EEPROM 1 keeps no writes; and 2 more\.$/,
  );
});

test("nobody was asked, or nobody answered -> nothing is said of it", () => {
  for (const mail of [reminderIn({}), renderMail(mailContext("node-dead", "reminder"), mailConfig)]) {
    expect(mail.text).not.toMatch(/^(?:Now|Everything else|The last day)$/m);
    expect(mail.pictures).toEqual([]);
    expect(mail.html).not.toContain("<img");
  }
});

const sawtooth = Array.from({ length: 96 }, (_, i) => ({
  atMs: REMINDER_MS - (95 - i) * 15 * MINUTE_MS,
  temperatureC: 4 + (i % 24) / 8,
}));

test("readings of a day -> a caption, a sparkline of 24 hours, and a picture of under 600 bytes", () => {
  const mail = reminderIn({ readings: sawtooth });
  expect(sectionOf(mail, "The last day")).toBe(
    "4.0 to 6.9 °C, last 6.9 °C ▁▂▃▅▆█▃▂▃▅▆█▃▂▃▅▆█▃▂▃▅▆█  an hour a column",
  );
  const { contentId, png } = mail.pictures[0]!;
  expect(mail.html).toContain(`src="cid:${contentId}"`);
  expect(mail.html).toContain('alt="▁▂▃');
  expect(png.length).toBeLessThan(600);
});

test("some hours without a reading -> gaps that are explained", () => {
  const readings = sawtooth.filter((_, i) => i < 40 || i > 70);
  expect(sectionOf(reminderIn({ readings }), "The last day")).toMatch(/···.*· no reading$/);
});

test("readings of before and after the day, one alone, none -> not drawn", () => {
  const outside = [
    { atMs: REMINDER_MS - DAY_MS - 1, temperatureC: 99 },
    { atMs: REMINDER_MS + 1, temperatureC: -99 },
  ];
  for (const readings of [[], sawtooth.slice(0, 1), [...outside, ...sawtooth.slice(0, 1)]])
    expect(reminderIn({ readings }).pictures).toEqual([]);
  expect(sectionOf(reminderIn({ readings: [...outside, ...sawtooth] }), "The last day")).toMatch(
    /^4\.0 to 6\.9/,
  );
});
