/** The weekly report as a person reads it. */
import { renderWeekly } from "../../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { WeeklyReport } from "../../../../../lib/contract/weekly.ts";
import { answering, mailConfig, weekly } from "../../support/mail-contexts.ts";

test("a week of one cluster -> the whole mail", () => {
  const { subject, text, labels, fromName, pictures } = renderWeekly(weekly(), answering);
  expect(subject).toBe("[ha2m] WEEKLY kitchen: 669 of 672 readings, 3.8 to 6.3 °C");
  expect(labels).toEqual({ cluster: "*", incident: "weekly#1766966400", state: "weekly" });
  expect(fromName).toBe("ha2m");
  expect(pictures).toHaveLength(1);
  expect(text).toBe(`kitchen: 669 of 672 readings, 3.8 to 6.3 °C

The week
  From 2025-12-29 00:00 UTC to 2026-01-05 00:00 UTC.

kitchen
  669 of 672 readings stored.
  Lowest 3.8 °C, mean 4.9 °C, highest 6.3 °C.
  1 failover.
  Battery of node 0: 4.87 V, about 9 days left.
  Battery of node 1: 5.21 V, more than two weeks left.

Incidents
  kitchen, node 0 stopped: once, told in 2 mails.
  kitchen, node 1 is no longer seen: 9 times, told in 3 mails; it still fires.

Suppressed
  14 mails: incidents that flapped, stood in a digest, or came and went in quiet hours.

kitchen, hour by hour
  4.0 to 6.0 °C, last 4.2 °C
  ▂▄▇██▇▅▂▁▁▂▄▇██▇▅▂▁▁▂▄▇██▇▅▂  six hours a column

Runbook
  https://example.org/RUNBOOK.md#weekly-report

This report comes once a week, and proves that mails reach you: if it stays away, run npm run doctor. The runbook says how to turn it off.
`);
});

const changed = (changes: Partial<WeeklyReport>) =>
  renderWeekly(weekly({ report: { ...weekly().report, ...changes } }), mailConfig);

test("a quiet week -> nothing to tell, and nothing spared", () => {
  const { text } = changed({ incidents: [] });
  expect(text).toContain("Incidents\n  None.\n\nSuppressed\n  No mail.\n");
});

test("incidents of which nothing happened in the week -> not listed", () => {
  const incidents = weekly().report.incidents.map((one) => ({
    ...one,
    firing: false,
    episodes: 0,
    mails: { "any time": 0 },
  }));
  expect(changed({ incidents }).text).toContain("Incidents\n  None.\n");
});

test("another channel -> its own mails are counted", () => {
  const { text } = renderWeekly(weekly({ channel: "quiet" }), mailConfig);
  expect(text).toContain("kitchen, node 0 stopped: once, no mail.");
});

test("no reading in the week -> no temperatures, no picture", () => {
  const clusters = weekly().report.clusters.map((week) => ({
    ...week,
    stored: 0,
    temperatures_c: null,
    hourly_c: [],
  }));
  const { subject, text, pictures } = changed({ clusters });
  expect(subject).toBe("[ha2m] WEEKLY kitchen: 0 of 672 readings");
  expect(text).not.toMatch(/Lowest|hour by hour|NaN|undefined/);
  expect(pictures).toEqual([]);
});

test("two clusters -> the sum in the subject, a section and a picture each, with Content-IDs of their own", () => {
  const [kitchen] = weekly().report.clusters;
  const clusters = [kitchen!, { ...kitchen!, cluster_id: "shed", stored: 1_000, due: 1_344 }];
  const { subject, text, html, pictures } = changed({ clusters });
  expect(subject).toBe("[ha2m] WEEKLY 2 clusters: 1,669 of 2,016 readings");
  expect(text).toContain("\nshed\n  1,000 of 1,344 readings stored.");
  expect(new Set(pictures.map(({ contentId }) => contentId)).size).toBe(2);
  for (const { contentId } of pictures) expect(html).toContain(`cid:${contentId}"`);
});

test("two weeks -> one thread, two Message-IDs", () => {
  const [one, other] = [weekly(), weekly({ id: { ...weekly().id, subject: 1_767_571_200 } })].map((context) =>
    renderWeekly(context, mailConfig),
  );
  expect(one!.threadRoot).toBe(other!.threadRoot);
  expect(one!.messageId).not.toBe(other!.messageId);
});
