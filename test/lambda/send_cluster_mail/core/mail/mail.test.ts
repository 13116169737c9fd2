/** What a person reads about one incident. */
import { readFileSync } from "node:fs";
import { readAnswerToken } from "../../../../../lambda/core/answer-token.ts";
import {
  LINK_LIFE_MS,
  type Mail,
  renderMail,
} from "../../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import {
  BACKEND_KINDS,
  INCIDENT_KINDS,
  type IncidentKind,
  MAIL_KINDS,
  type MailKind,
} from "../../../../../lib/contract/incidents.ts";
import {
  admission,
  answering,
  DAY_MS,
  FACTS,
  HOUR_MS,
  mailConfig,
  mailContext,
  NOON_MS,
} from "../../support/mail-contexts.ts";

const EVERY = INCIDENT_KINDS.flatMap((kind) => MAIL_KINDS.map((mail) => [kind, mail] as const));
const mailOf = (...of: Parameters<typeof mailContext>): Mail => renderMail(mailContext(...of), mailConfig);

test("the primary died in a cluster of two -> the whole mail", () => {
  expect(renderMail(mailContext("node-dead"), answering).text).toBe(`kitchen: node 0 stopped, node 1 took over

Can it wait until morning?
  Yes, unless the log must not have a gap: node 1 is primary and measuring, but no standby is left.

What happened
  Node 0 showed no sign of life at two checks of node 1 in a row (checks are 15 min apart). Node 1 marked it dead; node 1 took over.

Since when
  Reported dead at 2026-01-01 12:00 UTC, just before this mail.
  Last seen alive at 2026-01-01 11:30 UTC.

What still works
  Node 1 is primary and measuring.
  There is no standby left: if node 1 stops too, nothing is measured.

What to do
  Check the battery and the plugs of node 0, then reset it.
  If it is not admitted by itself, call reset_node(0) at the prompt of a running node.

Acknowledge or snooze
  https://abcdefgh.lambda-url.us-east-1.on.aws/?t=1.kitchen.node-dead.0.1.1768478405.KxD4C24KuH-bTNo1-N_iBmawYSyrbIl6j7djKozwzdc

Runbook
  https://example.org/RUNBOOK.md#node-dead

The cluster as node 1 saw it at 2026-01-01 12:00 UTC
  Node    Role     Last seen
  node 0  dead     2026-01-01 11:30 UTC
  node 1  primary  2026-01-01 12:00 UTC

The next mail comes when it is over, or as a reminder at 2026-01-02 12:00 UTC.
`);
});

test.each<[IncidentKind, MailKind, string]>([
  ["node-dead", "firing", "FIRING kitchen: node 0 stopped, node 1 took over"],
  ["node-dead", "reminder", "REMINDER kitchen, after 1 d: node 0 stopped, node 1 took over"],
  ["node-dead", "resolved", "RESOLVED kitchen: node 0 is back"],
  ["node-suspect", "firing", "FIRING kitchen: node 1 is no longer seen by node 0"],
  ["node-suspect", "resolved", "RESOLVED kitchen: node 1 is seen again"],
  ["cluster-silent", "firing", "FIRING kitchen: silent, no reading since 2026-01-01 11:20 UTC"],
  ["cluster-silent", "resolved", "RESOLVED kitchen: readings again, after 2 h 55 min"],
  ["split-brain", "firing", "FIRING kitchen: nodes 0 and 1 both act as primary"],
  ["split-brain", "resolved", "RESOLVED kitchen: one primary again"],
  ["eeprom-unwritable", "firing", "FIRING kitchen: EEPROM 1 keeps no writes"],
  ["eeprom-unwritable", "resolved", "RESOLVED kitchen: EEPROM 1 keeps writes again"],
  ["sensor-failing", "firing", "FIRING kitchen: node 1 cannot measure, its sensor fails"],
  ["sensor-failing", "resolved", "RESOLVED kitchen: node 1 measures again"],
  ["sensor-disagreeing", "firing", "FIRING kitchen: sensors of nodes 0 and 1 differ by 5.8 °C"],
  ["sensor-disagreeing", "resolved", "RESOLVED kitchen: sensors of nodes 0 and 1 agree again"],
  ["battery-low", "firing", "FIRING kitchen: battery of node 1 lasts about 9 days"],
  ["battery-low", "resolved", "RESOLVED kitchen: battery of node 1 is charged"],
  ["backend-failing", "firing", "FIRING backend: 3 messages failed on our side of the wire"],
  ["backend-failing", "resolved", "RESOLVED backend: the error queues are empty again"],
  ["mail-refused", "firing", "FIRING backend: a mail to them@example.net was refused"],
  ["mail-refused", "resolved", "RESOLVED backend: mails to them@example.net are sent again"],
])("%s, %s -> its subject", (kind, mail, subject) => {
  expect(mailOf(kind, mail).subject).toBe(`[ha2m] ${subject}`);
});

const RUNBOOK = readFileSync("RUNBOOK.md", "utf8");
const HEADINGS = [...RUNBOOK.matchAll(/^## (.+)$/gm)].map(([, text]) => text);

const WORKS: { readonly [Kind in MailKind]: readonly string[] } = {
  ...{ firing: ["What still works"], reminder: ["What still worked then"], resolved: ["What works"] },
  acknowledged: [],
};

test.each(EVERY)(
  "%s, %s -> says what, since when, what works, what to do, and where to read on",
  (kind, mail) => {
    const { text, html, labels } = mailOf(kind, mail);
    const titles = text.split("\n").filter((line) => /^(?:What|Since|Runbook)/.test(line));
    const expected = ["What happened", "Since when", ...WORKS[mail], "What to do", "Runbook"];
    expect(titles.slice(0, expected.length)).toEqual(expected);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(HEADINGS).toContain(kind);
    expect(text).toContain(`RUNBOOK.md#${kind}\n`);
    expect(html).toContain(`RUNBOOK.md#${kind}"`);
    expect(labels).toEqual({
      cluster: BACKEND_KINDS.includes(kind) ? "*" : "kitchen",
      incident: `${kind}#${mailContext(kind).id.subject}`,
      state: mail,
    });
  },
);

test.each(EVERY)("%s, %s -> its HTML says everything its text says", (kind, mail) => {
  const { text, html } = renderMail(mailContext(kind, mail, { claims: 2, flaps: 2 }), answering);
  const plain = html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"');
  const said = text
    .split("\n")
    .map((line) => line.trim().replace(/^NOTE: /, ""))
    .flatMap((line) => (/[.?]$/.test(line) ? [line] : line.split(/ {2,}/)))
    .filter((part) => !/^https:|^Runbook$|^$/.test(part));
  expect(said.length).toBeGreaterThan(9);
  for (const part of said) expect(plain).toContain(part);
});

test.each(EVERY)(
  "%s, %s -> begins with its place, and whether it can wait, as the runbook does",
  (kind, mail) => {
    const { text } = mailOf(kind, mail);
    const [headline, , title, night] = text.split("\n");
    expect(headline).toMatch(BACKEND_KINDS.includes(kind) ? /^backend: / : /^kitchen: /);
    if (mail === "resolved") {
      expect(title).not.toBe("Can it wait until morning?");
      return;
    }
    expect(title).toBe("Can it wait until morning?");
    const section = RUNBOOK.slice(RUNBOOK.indexOf(`## ${kind}\n`));
    const [, said] = /\*\*Can it wait until morning\?\*\* (Yes|No)\b/.exec(section) ?? [];
    expect(/^ {2}(Yes|No)[.,]/.exec(night ?? "")?.[1]).toBe(said);
  },
);

test("a reader in Berlin -> times of Berlin, in the subject too", () => {
  const { subject, text, html } = mailOf("cluster-silent", "firing", { timeZone: "Europe/Berlin" });
  expect(subject).toBe("[ha2m] FIRING kitchen: silent, no reading since 2026-01-01 12:20 CET");
  expect(text).toContain("or as a reminder at 2026-01-02 13:00 CET.");
  expect(text + html).not.toContain("UTC");
});

test("every mail -> no time to the second", () => {
  for (const [kind, mail] of EVERY) expect(mailOf(kind, mail).text).not.toMatch(/\d\d:\d\d:\d\d/);
});

test("a cluster that was silent -> one duration, from its last reading on", () => {
  const { subject, text } = mailOf("cluster-silent", "resolved");
  expect(subject).toBe("[ha2m] RESOLVED kitchen: readings again, after 2 h 55 min");
  expect(text).toContain("It lasted from 2026-01-01 11:20 UTC to 2026-01-01 14:15 UTC: 2 h 55 min.");
  expect(new Set(text.match(/\d+ h(?: \d+ min)?/g)).size).toBe(1);
  expect(mailOf("cluster-silent", "reminder").subject).toContain("after 1 d: silent");
});

test("a reminder -> how long ago it started", () => {
  expect(mailOf("node-dead", "reminder").text).toContain("at 2026-01-01 12:00 UTC, 1 d before this mail.");
});

test("the node is back, as another one tells -> when it was out, for how long, and that nothing is to be done", () => {
  const { text } = mailOf("node-dead", "resolved", { facts: admission });
  expect(text).toContain("Node 0 is a member again, node 1 reports.");
  expect(text).toContain("It lasted from 2026-01-01 12:00 UTC to 2026-01-01 14:15 UTC: 2 h 15 min.");
  expect(text).toContain("Node 0 is on standby.");
  expect(text).toContain("node 0  standby");
  expect(text).toContain("Nothing.");
});

test("the node is back, and only its readings tell -> no table of what was before", () => {
  const { text } = mailOf("node-dead", "resolved");
  expect(text).toContain("Node 0 publishes readings again.");
  expect(text).not.toContain("as node 1 saw it");
});

const { event } = FACTS["node-dead"];
const inShed = (state: Partial<typeof event.state>, changes: Partial<typeof event> = {}): Mail =>
  mailOf("node-dead", "firing", {
    id: { clusterId: "shed", kind: "node-dead", subject: changes.subject ?? 0 },
    facts: { kind: "node-dead", event: { ...event, ...changes, state: { ...event.state, ...state } } },
  });

test("a standby died, another is left -> who is primary and who stands by", () => {
  const { subject, text } = inShed(
    { primary: 0, suspects: [1], dead: [2], last_seen: [{ node: 2, at: null }] },
    { subject: 2, node: 0, took_over: false },
  );
  expect(subject).toBe("[ha2m] FIRING shed: node 2 stopped, node 0 is still primary");
  expect(text).toContain("Node 3 is on standby.");
  expect(text).toContain("node 1  standby, suspected  not reported");
  expect(text).toContain("node 2  dead                not since node 0 started");
});

test("no node is primary -> says that nothing is measured", () => {
  const { subject, text } = inShed({ primary: null }, { took_over: false });
  expect(subject).toContain("no node is primary");
  expect(text).toContain("nothing is being measured");
});

test("an empty seat -> not counted as a standby", () => {
  const { text } = inShed({ dead: [0, 2, 3], never_admitted: [2, 3] });
  expect(text).toContain("There is no standby left");
  expect(text).toContain("node 3  empty seat  never");
});

test("the witness keeps no writes -> is not called a node's", () => {
  const facts = { kind: "eeprom-unwritable", chip: 2, reporter: 0 } as const;
  expect(mailOf("eeprom-unwritable", "firing", { facts }).text).toContain("EEPROM 2, the witness,");
});

test.each([
  [null, "battery of node 1 lasts two weeks at most"],
  [0.4, "battery of node 1 lasts less than a day"],
  [1.9, "battery of node 1 lasts about 1 day"],
])("a battery with %p days left -> %s", (daysLeft, headline) => {
  const { subject } = mailOf("battery-low", "firing", { facts: { ...FACTS["battery-low"], daysLeft } });
  expect(subject).toBe(`[ha2m] FIRING kitchen: ${headline}`);
});

test("a silent cluster of which nothing is kept but when it was due -> still a mail", () => {
  const { subject, text } = mailOf("cluster-silent", "firing", {
    facts: { ...FACTS["cluster-silent"], heartbeats: [] },
  });
  expect(subject).toBe("[ha2m] FIRING kitchen: silent, no reading since 2026-01-01 11:57 UTC");
  expect(text).not.toMatch(/undefined|Infinity|NaN/);
});

test.each(["same-term", "older-term-after-newer", "dead-node-publishes"] as const)(
  "two primaries, seen by %s -> names both, and says how it is known",
  (sign) => {
    const { text } = mailOf("split-brain", "firing", { facts: { ...FACTS["split-brain"], sign } });
    expect(text).toMatch(/Nodes 0 and 1 both publish readings\. (?:They|One) \w+/);
  },
);

test.each([
  [{ claims: 2 }, "NOTE: Possible duplicate:"],
  [{ priorUnconfirmed: true }, "NOTE: The mail before this one may not have reached you"],
  [
    { heldBackSinceMs: NOON_MS },
    "NOTE: Your quiet hours have held this mail back since 2026-01-01 12:00 UTC.",
  ],
  [{ flaps: 1 }, "NOTE: It has started again 1 time, each within four hours of its end before."],
  [{ missed: 2 }, "NOTE: It has come and gone 2 times since the mail before this one."],
  [{ flaps: 3, flapping: true }, "NOTE: Single mails stop here"],
  [
    { id: { clusterId: "attic", kind: "node-dead", subject: 0 } },
    "NOTE: Cluster attic is not in the configuration",
  ],
] as const)("%j -> %s", (changes, notice) => {
  expect(mailOf("node-dead").text).not.toContain("NOTE:");
  expect(mailOf("node-dead", "firing", changes).text).toContain(notice);
});

test("a node beyond the configured ones -> said so", () => {
  const facts = { ...FACTS["node-suspect"], subject: 5 };
  expect(mailOf("node-suspect", "firing", { facts }).text).toContain(
    "NOTE: The configuration gives this cluster 2 nodes, without node 5.",
  );
});

test.each([
  [{ flaps: 1 }, "node 0 stopped, node 1 took over, again"],
  [{ flaps: 3, flapping: true }, "node 0 stopped, node 1 took over, again and again"],
])("reopened within the hour, %j -> the subject says so", (changes, headline) => {
  expect(mailOf("node-dead", "firing", changes).subject).toBe(`[ha2m] FIRING kitchen: ${headline}`);
});

const footerOf = ({ text }: Mail): string => text.trimEnd().split("\n").at(-1)!;

test("every mail -> its last line says which mail comes next", () => {
  const { nextReminderMs: _, ...last } = mailContext("node-dead", "reminder", { reminders: 5 });
  expect(footerOf(mailOf("node-dead", "reminder"))).toBe(
    "The next mail comes when it is over, or as a reminder at 2026-01-03 12:00 UTC.",
  );
  expect(footerOf(renderMail(last, mailConfig))).toBe(
    "This was the last reminder. The next mail comes when it is over.",
  );
  expect(footerOf(mailOf("node-dead", "firing", { flapping: true }))).toBe(
    "The next mail comes once it has fired for two hours, or been well for four, or as a reminder at 2026-01-02 12:00 UTC.",
  );
  expect(footerOf(mailOf("node-dead", "resolved"))).toBe(
    "This closes the incident. A mail comes again only if it starts again.",
  );
});

test("a FIRING mail that quiet hours held back until it was over -> says so, and has no link to answer", () => {
  const late = mailContext("node-dead", "firing", {
    facts: admission,
    heldBackSinceMs: NOON_MS,
    untilMs: NOON_MS + HOUR_MS,
    nowMs: NOON_MS + 9 * HOUR_MS,
  });
  const { subject, text } = renderMail(late, answering);
  expect(subject).toBe("[ha2m] FIRING kitchen: node 0 stopped");
  expect(text).toContain("It was over at 2026-01-01 13:00 UTC. A RESOLVED mail follows this one.");
  expect(text).toContain("What still worked then");
  expect(text).not.toContain("Acknowledge");
});

describe("a link to answer", () => {
  const linkIn = ({ text }: Mail): string | undefined => /https:\S+\?t=\S+/.exec(text)?.[0];

  test.each(["firing", "reminder"] as const)(
    "of a %s mail -> names this episode, and lasts a fortnight",
    (kind) => {
      const mail = renderMail(mailContext("eeprom-unwritable", kind, { episode: 4 }), answering);
      const token = new URL(linkIn(mail)!).searchParams.get("t")!;
      const nowMs = mail.dateMs + LINK_LIFE_MS - 1_000;
      expect(readAnswerToken(token, answering.answer!.key, nowMs)).toMatchObject({
        valid: true,
        about: { clusterId: "kitchen", kind: "eeprom-unwritable", subject: 1, episode: 4 },
      });
      expect(mail.html).toContain(`href="${linkIn(mail)}"`);
      expect(LINK_LIFE_MS).toBe(14 * DAY_MS);
    },
  );

  test("of an incident of the backend -> holds no asterisk, where some programs end a link", () => {
    const link = linkIn(renderMail(mailContext("backend-failing"), answering))!;
    expect(link).not.toContain("*");
    const token = new URL(link).searchParams.get("t")!;
    expect(readAnswerToken(token, answering.answer!.key, NOON_MS)).toMatchObject({
      about: { clusterId: "*" },
    });
  });

  test("where none are deployed, and in a RESOLVED mail -> is not there", () => {
    expect(linkIn(mailOf("node-dead"))).toBeUndefined();
    expect(linkIn(renderMail(mailContext("node-dead", "resolved"), answering))).toBeUndefined();
  });
});

test("constant subjects -> one for all mails of a thread, which says no more than what it is about", () => {
  const subjectOf = (...of: Parameters<typeof mailContext>) =>
    renderMail(mailContext(...of), { ...mailConfig, subjects: "constant" }).subject;
  const flapping = { episode: 2, flaps: 1 };
  const subjects = [
    ...MAIL_KINDS.map((mail) => subjectOf("eeprom-unwritable", mail)),
    subjectOf("eeprom-unwritable", "firing", flapping),
  ];
  expect(new Set(subjects)).toEqual(new Set(["[ha2m] kitchen: eeprom-unwritable 1"]));
  expect(subjectOf("cluster-silent")).toBe("[ha2m] kitchen: cluster-silent");
  expect(subjectOf("backend-failing")).toBe("[ha2m] backend: backend-failing");
});

test("the sender's name -> the deployment and the cluster", () => {
  expect(mailOf("node-dead").fromName).toBe("ha2m kitchen");
  expect(renderMail(mailContext("backend-failing"), { ...mailConfig, name: "home" }).fromName).toBe("home");
});

describe("threads", () => {
  test("all mails of an episode, and of one that flaps -> one thread, a Message-ID each", () => {
    const mails = [
      mailOf("node-dead"),
      mailOf("node-dead", "reminder"),
      mailOf("node-dead", "reminder", { reminders: 2 }),
      mailOf("node-dead", "resolved"),
      mailOf("node-dead", "firing", { episode: 2, flaps: 1 }),
      mailOf("node-dead", "resolved", { episode: 2, flaps: 1 }),
      mailOf("node-dead", "resolved", { episode: 2, flaps: 1, claims: 2 }),
      mailOf("node-dead", "resolved", { episode: 2, flaps: 1, channel: "not 22:00-07:00 Europe/London" }),
    ];
    expect(new Set(mails.map(({ threadRoot }) => threadRoot)).size).toBe(1);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length);
    for (const { messageId } of mails) expect(messageId).toMatch(/^<[\w.-]+@example\.org>$/);
  });

  test("another episode, node, kind or cluster -> another thread", () => {
    const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
    const roots = [
      mailOf("node-dead"),
      mailOf("node-dead", "firing", { episode: 2, thread: 2 }),
      mailOf("node-dead", "firing", { id: { ...id, subject: 1 } }),
      mailOf("node-dead", "firing", { id: { ...id, clusterId: "shed" } }),
      mailOf("node-suspect"),
    ].map(({ threadRoot }) => threadRoot);
    expect(new Set(roots).size).toBe(roots.length);
  });
});

test("the same context twice -> the same mail", () => {
  expect(renderMail(mailContext("split-brain"), answering)).toEqual(
    renderMail(mailContext("split-brain"), answering),
  );
});
