/** Mails read back by an independent parser. */
import { SESClient, type SendRawEmailCommandInput } from "@aws-sdk/client-ses";
import { simpleParser } from "mailparser";
import { toMime } from "../../../../lambda/send_cluster_mail/adapters/mime.ts";
import { openMailer } from "../../../../lambda/send_cluster_mail/adapters/ses-mailer.ts";
import { testCloud } from "../support/cloud.ts";
import { death, recovery } from "../support/fixtures.ts";

async function mailsOf(...events: readonly unknown[]) {
  const cloud = testCloud();
  for (const event of events) await cloud.invoke(event);
  return cloud.mails;
}

test("a FIRING mail -> text and HTML alternatives, with the headers that keep machines quiet and threads whole", async () => {
  const [mail] = await mailsOf(death());
  const parsed = await simpleParser(await toMime(mail!));
  expect(parsed).toMatchObject({
    subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over",
    from: { text: "ha2m@example.org" },
    to: { text: "me@example.org, you@example.org" },
    messageId: "<kitchen.node-dead.0.1.firing.1@example.org>",
    inReplyTo: "<kitchen.node-dead.0@example.org>",
    references: "<kitchen.node-dead.0@example.org>",
    attachments: [],
  });
  expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
  expect(parsed.date).toEqual(new Date(death().received_at));
  expect(parsed.text).toBe(mail!.text);
  expect(parsed.html).toBe(mail!.html);
  const lines = (await toMime(mail!)).toString().split("\r\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
});

test("two episodes of one incident -> one thread, four Message-IDs; another node -> another thread", async () => {
  const same = await mailsOf(
    death(),
    recovery({ minute: 15 }),
    death({ minute: 30 }),
    recovery({ minute: 45 }),
  );
  const other = await mailsOf(death({ subject: 1, node: 0 }));
  const parsed = await Promise.all(same.map(async (mail) => simpleParser(await toMime(mail))));
  expect(new Set(parsed.map(({ references }) => references)).size).toBe(1);
  expect(new Set(parsed.map(({ messageId }) => messageId)).size).toBe(4);
  expect(other[0]!.threadRoot).not.toBe(same[0]!.threadRoot);
});

test("the same mail twice -> the same bytes", async () => {
  const [mail] = await mailsOf(death());
  expect(await toMime(mail!)).toEqual(await toMime(mail!));
});

test("the longest cluster id -> no header is cut or folded wrongly", async () => {
  const cluster_id = `k${"-x".repeat(15)}y`;
  const [mail] = await mailsOf(death({ cluster_id }));
  const parsed = await simpleParser(await toMime(mail!));
  expect(parsed.subject).toBe(`[ha2m] FIRING ${cluster_id}: node 0 stopped, node 1 took over`);
  expect(parsed.inReplyTo).toBe(`<${cluster_id}.node-dead.0@example.org>`);
});

test("SES -> sender and recipients in the envelope, the MIME as data", async () => {
  const inputs: SendRawEmailCommandInput[] = [];
  const client = new SESClient({ region: "us-east-1" });
  client.send = async (command: { input: unknown }) => {
    inputs.push(command.input as SendRawEmailCommandInput);
    return {};
  };
  const [mail] = await mailsOf(death());
  await openMailer(client).send(mail!);
  expect(inputs).toEqual([
    {
      Source: "ha2m@example.org",
      Destinations: ["me@example.org", "you@example.org"],
      RawMessage: { Data: await toMime(mail!) },
    },
  ]);
});
