/** Hostile, absurd and absurdly long values change nothing but their own text. */
import fc from "fast-check";
import { simpleParser } from "mailparser";
import { toMime } from "../../../../../lambda/send_cluster_mail/adapters/mime.ts";
import {
  SUBJECT_LENGTH_MAX,
  subjectOf,
} from "../../../../../lambda/send_cluster_mail/core/mail/compose-mail.ts";
import { renderHtml } from "../../../../../lambda/send_cluster_mail/core/mail/html.ts";
import {
  headerSafe,
  type Mail,
  renderDigest,
  renderMail,
} from "../../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { MailContent } from "../../../../../lambda/send_cluster_mail/core/mail/mail-content.ts";
import type { MailContext } from "../../../../../lambda/send_cluster_mail/core/mail/mail-context.ts";
import { renderText } from "../../../../../lambda/send_cluster_mail/core/mail/text.ts";
import { quoted } from "../../../../../lambda/send_cluster_mail/core/mail/words.ts";
import { type Facts, INCIDENT_KINDS, MAIL_KINDS } from "../../../../../lib/contract/incidents.ts";
import { SensorFault } from "../../../../../lib/contract/messages.ts";
import { answering, digest, mailContext } from "../../support/mail-contexts.ts";
import { hasPython, parseByPython } from "../../support/python-mail.ts";

const EVIL = [
  `"><script>alert('x')</script>&amp;`,
  "a\r\nBcc: everybody@example.org\r\n\r\nbody",
  "\u202egnp.exe\u2066\u200b",
  "\ud800 alone, \udc00 too",
  "----_NmP-ha2m-Part_1--",
  "=?utf-8?q?=0D=0ABcc:_x=40example.org?=",
  "\u0000\u001b[2J\u0085\u2028\u2029",
  "x".repeat(100_000),
  "💥".repeat(60),
  "",
  " \u00a0\u3000 ",
];
const evil = fc.oneof(fc.constantFrom(...EVIL), fc.string({ unit: "binary", maxLength: 200 }));

const node = fc.nat(7);
const ms = fc.oneof(fc.nat(Number.MAX_SAFE_INTEGER), fc.integer({ min: 0, max: 2e12 }));
const any = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(1e300, -1e300, 0, 4_870));
const instant = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") })
  .map((d) => d.toISOString());
const nodes = fc.uniqueArray(node, { maxLength: 8 });

/** What the contract lets through, numbers at their worst, queues named by somebody who means ill. */
const facts: { readonly [Kind in Facts["kind"]]: fc.Arbitrary<Extract<Facts, { kind: Kind }>> } = {
  "node-dead": fc.record({
    kind: fc.constant("node-dead" as const),
    event: fc.record({
      type: fc.constantFrom("node_dead" as const, "node_admitted" as const),
      node,
      subject: node,
      at: instant,
      took_over: fc.boolean(),
      state: fc.record({
        primary: fc.option(node),
        suspects: nodes,
        dead: nodes,
        never_admitted: nodes,
        last_seen: fc.array(fc.record({ node, at: fc.option(instant) }), { maxLength: 8 }),
      }),
    }),
  }),
  "node-suspect": fc.record({
    kind: fc.constant("node-suspect" as const),
    reporter: node,
    subject: node,
    reportedAtMs: ms,
    sleepS: any,
  }),
  "node-unconnected": fc.record({
    kind: fc.constant("node-unconnected" as const),
    node,
    reporter: node,
    atMs: ms,
  }),
  "setup-fault": fc.record({
    kind: fc.constant("setup-fault" as const),
    node,
    reporter: node,
    problem: fc.constantFrom("duplicate-number" as const, "memory-lost" as const, "other-cluster" as const),
    atMs: ms,
  }),
  "cluster-silent": fc.record({
    kind: fc.constant("cluster-silent" as const),
    heartbeats: fc.array(
      fc.record({ node, receivedAtMs: ms, sleepS: any, temperatureC: any, batteryMv: any, term: any }),
      { maxLength: 8 },
    ),
    dueMs: ms,
  }),
  "split-brain": fc.record({
    kind: fc.constant("split-brain" as const),
    nodes: fc.array(fc.record({ node, term: any, atMs: ms }), { minLength: 1, maxLength: 8 }),
    sign: fc.constantFrom(
      "same-term" as const,
      "older-term-after-newer" as const,
      "dead-node-publishes" as const,
    ),
  }),
  "eeprom-unwritable": fc.record({
    kind: fc.constant("eeprom-unwritable" as const),
    chip: fc.nat(8),
    reporter: node,
  }),
  "sensor-failing": fc.record({
    kind: fc.constant("sensor-failing" as const),
    node,
    fault: fc.constantFrom(...SensorFault.options),
    atMs: ms,
  }),
  "sensor-disagreeing": fc.record({
    kind: fc.constant("sensor-disagreeing" as const),
    nodes: fc.array(fc.record({ node, temperatureC: any, atMs: ms }), { minLength: 1, maxLength: 8 }),
  }),
  "clock-wrong": fc.record({
    kind: fc.constant("clock-wrong" as const),
    node,
    said: fc.oneof(fc.constantFrom("", " ", "0000000000 "), fc.string({ unit: "binary", maxLength: 40 })),
    receivedMs: ms,
  }),
  "certificate-expiring": fc.record({
    kind: fc.constant("certificate-expiring" as const),
    node,
    expiresMs: ms,
  }),
  "battery-low": fc.record({
    kind: fc.constant("battery-low" as const),
    node,
    batteryMv: any,
    daysLeft: fc.option(any),
  }),
  "backend-failing": fc.record({
    kind: fc.constant("backend-failing" as const),
    queues: fc.array(fc.record({ name: evil, messages: any }), { maxLength: 10 }),
  }),
  "mail-refused": fc.record({ kind: fc.constant("mail-refused" as const), address: evil, why: evil }),
};

const LONGEST_ID = `k${"-x".repeat(15)}y`;

const mailContexts: fc.Arbitrary<MailContext> = fc
  .constantFrom(...INCIDENT_KINDS)
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      facts: facts[kind] as fc.Arbitrary<Facts>,
      mail: fc.constantFrom(...MAIL_KINDS),
      clusterId: fc.constantFrom("kitchen", "attic", "constructor", LONGEST_ID, "*"),
      subject: fc.nat(8),
      sinceMs: ms,
      nowMs: fc.integer({ min: 0, max: 2e12 }),
      counts: fc.record({ claims: fc.integer({ min: 1, max: 99 }), flaps: fc.nat(99), missed: fc.nat(99) }),
      flapping: fc.boolean(),
      late: fc.record({ untilMs: ms, heldBackSinceMs: ms, nextReminderMs: ms }, { requiredKeys: [] }),
    }),
  )
  .map(({ kind, facts, mail, clusterId, subject, sinceMs, nowMs, counts, flapping, late }) => {
    const changes = { facts, id: { clusterId, kind, subject }, sinceMs, nowMs, flapping, ...counts, ...late };
    return { ...mailContext("node-dead", mail), ...changes };
  });

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const HEADERS = [
  "auto-submitted",
  "content-type",
  "date",
  "from",
  "in-reply-to",
  "list-id",
  "list-unsubscribe",
  "message-id",
  "mime-version",
  "references",
  "subject",
  "to",
  "x-ha2m-cluster",
  "x-ha2m-incident",
  "x-ha2m-state",
];

async function expectWhole(mail: Mail, state: string): Promise<void> {
  expect(mail.subject.length).toBeLessThanOrEqual(SUBJECT_LENGTH_MAX);
  expect(mail.subject.startsWith(`[ha2m] ${state.toUpperCase()} `)).toBe(true);
  expect(mail.subject).not.toMatch(UNSAFE);
  expect(mail.subject).toBe(mail.subject.trim());
  expect(mail.text).not.toMatch(/[^\S\n]$/m);
  expect(mail.text.replaceAll("\n", "")).not.toMatch(UNSAFE);
  expect(mail.html.replaceAll("\n", "")).not.toMatch(UNSAFE);
  const parsed = await simpleParser(await toMime(mail));
  expect(parsed.headerLines.map(({ key }) => key).sort()).toEqual(HEADERS);
  expect(parsed.subject).toBe(mail.subject);
  expect(parsed.text).toBe(mail.text);
  expect(parsed.html).toBe(mail.html);
  expect(parsed.attachments).toEqual([]);
}

test("any facts that the contract allows -> one mail, whole, with a subject of bounded length", async () => {
  await fc.assert(
    fc.asyncProperty(mailContexts, (one) => expectWhole(renderMail(one, answering), one.kind)),
    { numRuns: Number(process.env.HA2M_RUNS ?? 100) },
  );
});

test("any of them in a digest -> the same", async () => {
  const entries = fc.array(mailContexts, { minLength: 1, maxLength: 12 }).map((all) =>
    all.map(({ id, facts, sinceMs, kind }) => ({
      cluster_id: id.clusterId,
      kind: facts.kind,
      subject: id.subject,
      episode: 1,
      state: kind === "resolved" ? ("resolved" as const) : ("firing" as const),
      since_ms: sinceMs,
      facts,
    })),
  );
  await fc.assert(
    fc.asyncProperty(entries, (incidents) =>
      expectWhole(renderDigest(digest({ incidents }), answering), "digest"),
    ),
    { numRuns: Number(process.env.HA2M_RUNS ?? 25) },
  );
});

/** The same mail with the queue named so. */
const named = (name: string): Mail =>
  renderMail(
    mailContext("backend-failing", "firing", {
      facts: { kind: "backend-failing", queues: [{ name, messages: 2 }] },
    }),
    answering,
  );
const tagsOf = ({ html }: Mail): readonly string[] => html.match(/<[^>]*>/g) ?? [];
const withoutTable = ({ text }: Mail): string => text.slice(0, text.indexOf("Messages waiting"));

test("a name of whatever making -> the mail differs from one with a harmless name in that name alone", () => {
  const harmless = named("a queue with a harmless name");
  fc.assert(
    fc.property(evil, (name) => {
      const mail = named(name);
      expect(mail.subject).toBe(harmless.subject);
      expect(tagsOf(mail).map(withoutNowrap)).toEqual(tagsOf(harmless).map(withoutNowrap));
      expect(withoutTable(mail)).toBe(withoutTable(harmless));
      expect(mail.text.split("\n")).toHaveLength(harmless.text.split("\n").length);
      expect(mail.text).toContain(`  ${quoted(name)}`);
    }),
  );
});
/** A short cell is kept in one piece. */
const withoutNowrap = (tag: string): string => tag.replace(";white-space:nowrap", "");

test("a headline of whatever length -> a subject that ends where it must, never within a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400, size: "max" }), (headline) => {
      const subject = subjectOf("ha2m", "firing", headline);
      const whole = `[ha2m] FIRING ${headline}`;
      expect(subject.length).toBeLessThanOrEqual(SUBJECT_LENGTH_MAX);
      expect(subject).not.toMatch(/\p{Cs}/u);
      expect(whole.startsWith(subject.replace(/…$/, ""))).toBe(true);
      // A parser of headers would cut a blank off its end.
      if (whole.length <= SUBJECT_LENGTH_MAX) expect(subject).toBe(whole.trimEnd());
    }),
    {
      examples: [
        [""],
        ["it says "],
        ["\u3000"],
        [`${"x".repeat(144)} y`],
        ["💥".repeat(80)],
        [" ".repeat(200)],
      ],
    },
  );
});

test("any text -> quoted as one line of at most 80 characters, the same when it is harmless", () => {
  fc.assert(
    fc.property(evil, (text) => {
      expect(quoted(text)).not.toMatch(UNSAFE);
      expect(quoted(text).length).toBeLessThanOrEqual(80);
      expect(quoted(text)).toMatch(/^\S(.*\S)?$/);
      expect(quoted(text)).not.toMatch(/\p{Cs}/u);
      expect(quoted(quoted(text))).toBe(quoted(text));
    }),
  );
  expect(quoted("Ha2mPipeline-Küche 1")).toBe("Ha2mPipeline-Küche 1");
  expect(quoted("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
  expect(quoted("\u{e0001}".repeat(90))).toBe(`${"\ufffd".repeat(79)}…`);
  expect([quoted(""), quoted(" \u00a0")]).toEqual(["(blank)", "(blank)"]);
});

test.each(EVIL.slice(0, 1))("%j in every place of a mail -> text in the HTML, never markup", (text) => {
  const content: MailContent = {
    state: "firing",
    subject: text,
    headline: text,
    night: text,
    notices: [text],
    sections: [{ title: text, lines: [text] }],
    pictures: [
      { title: text, caption: text, sparkline: text, legend: text, ticks: text, png: Uint8Array.of() },
    ],
    table: { title: text, columns: [text], rows: [[text]] },
    runbookUrl: text,
    answerUrl: text,
    footer: text,
  };
  const html = renderHtml(content, () => text);
  expect(html).not.toContain("<script");
  expect(html.split("&quot;&gt;&lt;script&gt;")).toHaveLength(19);
  expect(renderText(content)).toContain(text);
});

test.each(["a\r\nBcc: x@example.org", "a\nb", "a\u0000", "a\u2028b"])(
  "%j in a header -> refused, and nothing is sent",
  (value) => {
    expect(() => headerSafe("Subject", value)).toThrow(
      expect.objectContaining({ name: "HeaderUnsafe", code: "MAIL-006" }),
    );
    expect(() => renderMail(mailContext("node-dead"), { ...answering, mailFrom: value })).toThrow("MAIL-006");
  },
);

(hasPython ? test : test.skip)(
  "a sample of them, read by Python -> no defect (skipped where python3 is not)",
  async () => {
    const mails = fc.sample(mailContexts, { seed: 1, numRuns: 40 }).map((one) => renderMail(one, answering));
    const parsed = parseByPython(await Promise.all(mails.map(toMime)));
    expect(parsed.flatMap(({ defects }) => defects)).toEqual([]);
    expect(parsed.map(({ subject }) => subject)).toEqual(mails.map(({ subject }) => subject));
    expect(parsed.map(({ text }) => text)).toEqual(mails.map(({ text }) => text.replaceAll("\n", "\r\n")));
  },
);
