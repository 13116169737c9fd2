/** One mail about many incidents. */
import { readFileSync } from "node:fs";
import { renderDigest, renderMail } from "../../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import { DIGEST_ENTRIES_MAX, type DigestEntry } from "../../../../../lib/contract/incidents.ts";
import { answering, digest, FACTS, mailConfig, mailContext, NOON_MS } from "../../support/mail-contexts.ts";

test("fourteen incidents, one of them over -> one mail that lists all, what still fires first", () => {
  const { subject, text, labels } = renderDigest(digest(), mailConfig);
  expect(subject).toBe("[ha2m] DIGEST 14 incidents at once, 13 still firing");
  expect(labels).toEqual({ cluster: "*", incident: "digest#1767268800", state: "digest" });
  expect(text).toContain("They started between 2026-01-01 12:00 UTC and 2026-01-01 12:13 UTC.");
  expect(text).toContain("Concerned: backend, kitchen, shed.");
  expect(text.slice(text.indexOf("The incidents\n"))).toBe(`The incidents
  Where    What                                             Since
  shed     node 1 is no longer seen by node 0               2026-01-01 12:01 UTC
  kitchen  node 0 cannot publish, node 1 does               2026-01-01 12:02 UTC
  shed     silent, no reading since 2026-01-01 11:20 UTC    2026-01-01 12:03 UTC
  kitchen  nodes 0 and 1 both act as primary                2026-01-01 12:04 UTC
  shed     EEPROM 1 keeps no writes                         2026-01-01 12:05 UTC
  kitchen  node 1 cannot measure, its sensor fails          2026-01-01 12:06 UTC
  shed     sensors of nodes 0 and 1 differ by 5.8 °C        2026-01-01 12:07 UTC
  kitchen  clock of node 1 is wrong, it says 2000-01-01     2026-01-01 12:08 UTC
  shed     two boards are flashed as node 1                 2026-01-01 12:09 UTC
  kitchen  certificate of node 0 ends 2026-01-21 12:00 UTC  2026-01-01 12:10 UTC
  shed     battery of node 1 lasts about 9 days             2026-01-01 12:11 UTC
  backend  3 messages failed on our side of the wire        2026-01-01 12:12 UTC
  backend  a mail to them@example.net was refused           2026-01-01 12:13 UTC
  kitchen  RESOLVED: node 0 stopped, node 1 took over       2026-01-01 12:00 UTC

Each incident that still fires gets its own mail when it is over; one that is listed as resolved gets none.
`);
});

test("all of one cluster, for a reader in Lima -> the cluster's name, and times of Lima", () => {
  const incidents = digest()
    .incidents.slice(0, 4)
    .map((entry) => ({ ...entry, cluster_id: "kitchen" }));
  const { subject, text } = renderDigest(digest({ incidents, timeZone: "America/Lima" }), mailConfig);
  expect(subject).toBe("[ha2m] DIGEST kitchen: 4 incidents at once, 3 still firing");
  expect(text).toMatch(/^kitchen: 4 incidents at once/);
  expect(text).toContain("silent, no reading since 2026-01-01 06:20 GMT-5  2026-01-01 07:03 GMT-5\n");
});

test("links are deployed -> each incident that fires has its own, under its row and in the HTML; what is over has none", () => {
  const { text, html } = renderDigest(digest(), answering);
  const links = text.match(/^ +Acknowledge or snooze: \S+$/gm);
  expect(links).toHaveLength(13);
  expect(text).toMatch(
    /node 1 is no longer seen.*\n +Acknowledge or snooze: .*t=1\.shed\.node-suspect\.1\.1\./,
  );
  expect(text).not.toContain("t=1.kitchen.node-dead.0");
  expect(html.match(/\?t=/g)).toHaveLength(13);
});

test("ends of what began together -> said to be over, and nothing to do", () => {
  const incidents = digest()
    .incidents.slice(0, 3)
    .map((entry) => ({ ...entry, state: "resolved", told: true }) as const);
  const { subject, text } = renderDigest(digest({ incidents }), mailConfig);
  expect(subject).toContain("3 incidents over");
  expect(text).toContain("stands for the RESOLVED mails of 3 incidents");
  expect(text).not.toContain("FIRING mails");
  expect(text).toContain("What to do\n  Nothing.");
});

test("all of them over -> none still firing", () => {
  const incidents = digest().incidents.map((entry) => ({ ...entry, state: "resolved" }) as const);
  expect(renderDigest(digest({ incidents }), mailConfig).subject).toBe(
    "[ha2m] DIGEST 14 incidents at once, none still firing",
  );
});

test("as many incidents as a digest may have -> all of them are listed", () => {
  const incidents = Array.from(
    { length: DIGEST_ENTRIES_MAX },
    (_, i): DigestEntry => ({
      cluster_id: `c${i}`,
      kind: "node-dead",
      subject: 0,
      episode: 1,
      state: "firing",
      since_ms: NOON_MS + i,
      facts: FACTS["node-dead"],
    }),
  );
  const { subject, text } = renderDigest(digest({ incidents }), mailConfig);
  expect(subject).toContain("100 incidents");
  expect(text.match(/ {2}c\d+ +node 0 stopped/g)).toHaveLength(DIGEST_ENTRIES_MAX);
});

test("a digest and a mail of an incident in it -> two threads, its section in the runbook", () => {
  const mail = renderDigest(digest(), answering);
  expect(mail.threadRoot).toBe("<ha2m.backend.digest.1767268800@example.org>");
  expect(mail.threadRoot).not.toBe(renderMail(mailContext("node-dead"), answering).threadRoot);
  expect(mail.text).toContain("RUNBOOK.md#digests\n");
  expect(readFileSync("RUNBOOK.md", "utf8").split("\n")).toContain("## digests");
});

test("sent a second time -> says that it may be a duplicate", () => {
  expect(renderDigest(digest({ claims: 2 }), mailConfig).text).toContain("NOTE: Possible duplicate");
});
