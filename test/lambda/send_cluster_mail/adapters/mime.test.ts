/** Mails read back by independent parsers. */
import { SESClient, type SendRawEmailCommandInput } from "@aws-sdk/client-ses";
import { simpleParser } from "mailparser";
import { toMime } from "../../../../lambda/send_cluster_mail/adapters/mime.ts";
import { openMailer } from "../../../../lambda/send_cluster_mail/adapters/ses-mailer.ts";
import { type Mail, renderDigest, renderMail } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import { INCIDENT_KINDS, MAIL_KINDS } from "../../../../lib/contract/incidents.ts";
import { admission, answering, digest, mailContext, NOON_MS } from "../support/mail-contexts.ts";
import { hasPython, parseByPython } from "../support/python-mail.ts";

const firing = renderMail(mailContext("node-dead"), answering);

test("a FIRING mail -> text and HTML alternatives, with the headers that keep machines quiet and threads whole", async () => {
  const parsed = await simpleParser(await toMime(firing));
  expect(parsed).toMatchObject({
    subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over",
    from: { text: '"ha2m kitchen" <ha2m@example.org>' },
    to: { text: "me@example.org, you@example.org" },
    messageId: "<ha2m.kitchen.node-dead.0.1.1.firing.any-time.1@example.org>",
    inReplyTo: "<ha2m.kitchen.node-dead.0.1@example.org>",
    references: "<ha2m.kitchen.node-dead.0.1@example.org>",
    attachments: [],
  });
  expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
  expect(parsed.headers.get("x-ha2m-incident")).toBe("node-dead#0");
  expect(parsed.date).toEqual(new Date(NOON_MS + 5_000));
  expect(parsed.text).toBe(firing.text);
  expect(parsed.html).toBe(firing.html);
  const lines = (await toMime(firing)).toString().split("\r\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
});

test("any mail -> no CR or LF stands alone, in headers or bodies (RFC 5322 §2.3)", async () => {
  const mails = [firing, renderDigest(digest(), answering), { ...firing, text: "a\r\nb\nc\n" }];
  for (const bytes of await Promise.all(mails.map(toMime)))
    expect(bytes.toString("latin1")).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
});

test("the same mail twice -> the same bytes", async () => {
  expect(await toMime(firing)).toEqual(await toMime(firing));
});

test("the longest cluster id, and the longest address of a runbook -> no header is cut or folded wrongly", async () => {
  const clusterId = `k${"-x".repeat(15)}y`;
  const runbookUrl = `https://example.org/${"r".repeat(480)}`;
  const id = { clusterId, kind: "node-dead", subject: 0 } as const;
  const mail = renderMail(mailContext("node-dead", "firing", { id }), { ...answering, runbookUrl });
  const parsed = await simpleParser(await toMime(mail));
  expect(parsed.subject).toBe(`[ha2m] FIRING ${clusterId}: node 0 stopped, node 1 took over`);
  expect(parsed.inReplyTo).toBe(`<ha2m.${clusterId}.node-dead.0.1@example.org>`);
  const line = parsed.headerLines.find(({ key }) => key === "list-unsubscribe")?.line;
  expect(line?.replace(/\r?\n(?= )/g, "")).toBe(`List-Unsubscribe: <${runbookUrl}#fewer-mails>`);
});

/** Every kind of incident and of mail, one that flaps, one that comes back after long, and a digest. */
function correspondence(): { mails: readonly Mail[]; threads: number } {
  const kinds = INCIDENT_KINDS.flatMap((kind) =>
    MAIL_KINDS.map((mail) => renderMail(mailContext(kind, mail), answering)),
  );
  const again = { episode: 2, flaps: 1, missed: 1 };
  const flapping = [
    renderMail(mailContext("node-dead", "firing", again), answering),
    renderMail(mailContext("node-dead", "resolved", { ...again, facts: admission }), answering),
  ];
  const later = { episode: 3, thread: 3, claims: 2, priorUnconfirmed: true, heldBackSinceMs: NOON_MS };
  return {
    mails: [
      ...kinds,
      ...flapping,
      renderMail(mailContext("node-dead", "firing", later), answering),
      renderDigest(digest(), answering),
    ],
    // The one that came back after long, and the digest, have threads of their own.
    threads: INCIDENT_KINDS.length + 2,
  };
}

(hasPython ? describe : describe.skip)(
  "Python's email, which is there (skipped where python3 is not)",
  () => {
    const { mails, threads } = correspondence();

    test("every kind of mail -> no defect, and all that was written", async () => {
      const parsed = parseByPython(await Promise.all(mails.map(toMime)));
      expect(parsed).toHaveLength(mails.length);
      for (const [i, found] of parsed.entries()) {
        const mail = mails[i]!;
        expect(found).toEqual({
          defects: [],
          headers: expect.arrayContaining(["mime-version", "x-ha2m-state"]),
          types: ["multipart/alternative", "text/plain", "text/html"],
          from: `${mail.fromName} <${mail.from}>`,
          to: mail.to.join(", "),
          subject: mail.subject,
          messageId: mail.messageId,
          references: mail.threadRoot,
          inReplyTo: mail.threadRoot,
          autoSubmitted: "auto-generated",
          listId: "ha2m <ha2m.example.org>",
          listUnsubscribe: "<https://example.org/RUNBOOK.md#fewer-mails>",
          date: Math.floor(mail.dateMs / 1_000),
          text: mail.text.replaceAll("\n", "\r\n"),
          html: mail.html.replaceAll("\n", "\r\n"),
          attachments: 0,
        });
        expect(new Set(found.headers).size).toBe(found.headers.length);
      }
    });

    test("their threads -> as many as incidents; their Message-IDs -> as many as mails", async () => {
      const parsed = parseByPython(await Promise.all(mails.map(toMime)));
      expect(new Set(parsed.map(({ references }) => references)).size).toBe(threads);
      expect(new Set(parsed.map(({ messageId }) => messageId)).size).toBe(mails.length);
    });

    test("a mail that was tampered with -> a defect: the parser does look", () => {
      const broken =
        "Subject: x\r\nFrom: a@b@c\r\nTo: a@b.example\r\nDate: Thu, 01 Jan 2026 12:00:00 +0000\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\nContent-Type: text/html\r\n\r\nhtml\r\n";
      expect(parseByPython([Buffer.from(broken)])[0]!.defects.length).toBeGreaterThan(1);
    });
  },
);

test("mailparser, on the same mails -> as many threads as incidents", async () => {
  const { mails, threads } = correspondence();
  const parsed = await Promise.all(mails.map(async (mail) => simpleParser(await toMime(mail))));
  expect(new Set(parsed.map(({ references }) => references)).size).toBe(threads);
  expect(parsed.map(({ subject }) => subject)).toEqual(mails.map(({ subject }) => subject));
});

test("a text that holds the boundary, broken so that it begins a line -> still text", async () => {
  const held = `${"x".repeat(60)} --_NmP-ha2m-Part_1-- --_NmP-ha2m--Part_1--`;
  const { text, html } = await simpleParser(await toMime({ ...firing, text: held, html: `<p>${held}</p>` }));
  expect([text?.trim(), html]).toEqual([held, `<p>${held}</p>`]);
});

test("SES -> sender and recipients in the envelope, the MIME as data", async () => {
  const inputs: SendRawEmailCommandInput[] = [];
  const client = new SESClient({ region: "us-east-1" });
  client.send = async (command: { input: unknown }) => {
    inputs.push(command.input as SendRawEmailCommandInput);
    return {};
  };
  await openMailer(client, async () => undefined).send(firing, () => false);
  expect(inputs).toEqual([
    {
      Source: "ha2m@example.org",
      Destinations: ["me@example.org", "you@example.org"],
      RawMessage: { Data: await toMime(firing) },
    },
  ]);
});
