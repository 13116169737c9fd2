import {
  GetSendQuotaCommand,
  SESClient,
  SendEmailCommand,
  type SendEmailCommandInput,
  SendRawEmailCommand,
} from "@aws-sdk/client-ses";
import { type Backend, startBackend } from "../../../../simulator/local-cloud/backends/backend.ts";
import type { Mail } from "../../../../simulator/local-cloud/fronts/mail-request.ts";
import type { Front } from "../../../../simulator/local-cloud/fronts/server.ts";
import { startSesFront } from "../../../../simulator/local-cloud/fronts/ses-front.ts";

const PREFIX = "arn:aws:ses:us-east-1:123456789012:identity/";
const FROM = "ha2m@example.com";

let backend: Backend;
let front: Front;
let role: SESClient;
const accepted: Mail[] = [];
const denials: string[] = [];
const asked: { accessKeyId: string; action: string; resource: string; context: unknown }[] = [];
let mayRole: boolean;

const clientOf = (accessKeyId: string) =>
  new SESClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "x" },
    maxAttempts: 1,
  });

beforeAll(async () => {
  backend = startBackend("ses");
  front = await startSesFront({
    port: 0,
    backendPort: backend.port,
    identityArnPrefix: PREFIX,
    identities: [FROM, "example.org"],
    refuse: (accessKeyId, action, resource, context) => {
      asked.push({ accessKeyId, action, resource, context });
      return mayRole ? undefined : "role R may not";
    },
    onDenied: (text) => denials.push(text),
    onAccepted: (mail) => accepted.push(mail),
    onError: (error) => {
      throw error;
    },
  });
  role = clientOf("ROLE");
});
afterAll(async () => {
  role?.destroy();
  await front?.stop();
  await backend?.stop();
});
beforeEach(() => {
  mayRole = true;
  for (const list of [accepted, denials, asked]) list.length = 0;
});

const raw = (...lines: string[]) => new TextEncoder().encode(lines.join("\r\n"));
const MESSAGE = raw(
  `From: ha2m <${FROM}>`,
  "To: Ann <ann@example.net>, bob@example.net",
  "Subject: =?UTF-8?Q?k=C3=BChl?=",
  "X-Ha2m-State: firing",
  "References: <root@example.com>",
  "MIME-Version: 1.0",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "the text",
  "",
);
const sendRaw = (Data: Uint8Array, more: { Source?: string; Destinations?: string[] } = {}) =>
  role.send(new SendRawEmailCommand({ RawMessage: { Data }, ...more }));

const MAIL: SendEmailCommandInput = {
  Source: `ha2m <${FROM}>`,
  Destination: { ToAddresses: ["ann@example.net"], CcAddresses: ["bob@example.net"] },
  Message: { Subject: { Data: "hello" }, Body: { Text: { Data: "text" }, Html: { Data: "<p>html</p>" } } },
};
const send = (changes: Partial<SendEmailCommandInput> = {}) =>
  role.send(new SendEmailCommand({ ...MAIL, ...changes }));

const inbox = async (): Promise<{ subject: string }[]> =>
  ((await (await fetch(`${front.endpoint}/store`)).json()) as { emails: { subject: string }[] }).emails;

describe("accepted", () => {
  test("a raw message -> parsed for whoever listens, readable in the inbox, answered with a message id", async () => {
    const { MessageId } = await sendRaw(MESSAGE);
    expect(MessageId).toMatch(/./);
    expect(accepted).toEqual([
      {
        from: FROM,
        to: ["ann@example.net", "bob@example.net"],
        subject: "kühl",
        text: expect.stringMatching(/^the text/),
        html: "",
        headers: expect.objectContaining({ "x-ha2m-state": "firing", references: "<root@example.com>" }),
      },
    ]);
    expect((await inbox()).map(({ subject }) => subject)).toContain("kühl");
  });

  test("a raw message with destinations -> these, not the headers, are who gets it", async () => {
    await sendRaw(MESSAGE, { Source: FROM, Destinations: ["carl@example.net"] });
    expect(accepted).toMatchObject([{ to: ["carl@example.net"] }]);
  });

  test("SendEmail -> every recipient, both bodies", async () => {
    await send();
    expect(accepted).toMatchObject([
      {
        from: FROM,
        to: ["ann@example.net", "bob@example.net"],
        subject: "hello",
        text: "text",
        html: "<p>html</p>",
      },
    ]);
  });

  test("any address of a verified domain, or of a domain under it -> may send", async () => {
    await send({ Source: "anyone@Example.org" });
    await send({ Source: "anyone@mail.example.org" });
    expect(accepted.map(({ from }) => from)).toEqual(["anyone@Example.org", "anyone@mail.example.org"]);
    expect(new Set(asked.map(({ resource }) => resource))).toEqual(new Set([`${PREFIX}example.org`]));
  });
});

describe("who may", () => {
  test("a mail -> the policy is asked for the action and the identity, with the sender's address and each recipient's", async () => {
    await sendRaw(MESSAGE);
    await send();
    expect(asked).toEqual(
      ["ses:SendRawEmail", "ses:SendEmail"].flatMap((action) =>
        ["ann@example.net", "bob@example.net"].map((recipient) => ({
          accessKeyId: "ROLE",
          action,
          resource: `${PREFIX}${FROM}`,
          context: { "ses:FromAddress": FROM, "ses:Recipients": recipient },
        })),
      ),
    );
  });

  test("a source and a From header that differ -> the policy is asked about both", async () => {
    await sendRaw(raw("From: other@example.org", "To: a@b.example", "Subject: x", "", "x"), { Source: FROM });
    expect(accepted).toMatchObject([{ from: "other@example.org" }]);
    expect(asked).toMatchObject([
      { resource: `${PREFIX}example.org`, context: { "ses:FromAddress": "other@example.org" } },
      { resource: `${PREFIX}${FROM}`, context: { "ses:FromAddress": FROM } },
    ]);
  });

  test("a role that may not -> AccessDenied as the SDK knows it, told to the log, no mail", async () => {
    mayRole = false;
    await expect(
      send({ Message: { ...MAIL.Message, Subject: { Data: "secret" } } as never }),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      message: "role R may not",
      $metadata: { httpStatusCode: 403 },
    });
    expect([accepted, denials]).toEqual([[], ["AccessDenied: role R may not"]]);
    expect((await inbox()).map(({ subject }) => subject)).not.toContain("secret");
  });

  test("no credentials -> refused", async () => {
    const answer = await fetch(front.endpoint, {
      method: "POST",
      body: new URLSearchParams({ Action: "SendEmail" }),
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>MissingAuthenticationToken</Code>");
  });
});

describe("refused before it reaches the inbox", () => {
  const refusals: [string, () => Promise<unknown>, name: string, message: RegExp][] = [
    [
      "a sender that is no identity",
      () => send({ Source: "eve@example.com" }),
      "MessageRejected",
      /not verified.*eve@example\.com/,
    ],
    [
      "a domain that only ends like an identity",
      () => send({ Source: "a@evil-example.org" }),
      "MessageRejected",
      /a@evil-example\.org/,
    ],
    [
      "a raw message from one",
      () => sendRaw(raw("From: eve@example.com", "To: a@b.example", "Subject: x", "", "x")),
      "MessageRejected",
      /eve@example\.com/,
    ],
    [
      "a recipient that is no address",
      () => send({ Destination: { ToAddresses: ["ann"] } }),
      "InvalidParameterValue",
      /"ann" is not an address/,
    ],
    [
      "a recipient with a line break in it",
      () => send({ Destination: { ToAddresses: ["ann@example.net\r\nBcc: eve@example.com"] } }),
      "InvalidParameterValue",
      /ToAddresses\.member\.1 holds a line break/,
    ],
    ["no recipient", () => send({ Destination: {} }), "InvalidParameterValue", /no recipient/],
    [
      "a subject with a line break in it",
      () => send({ Message: { ...MAIL.Message, Subject: { Data: "x\r\nBcc: eve@example.com" } } as never }),
      "InvalidParameterValue",
      /line break/,
    ],
    ["an empty raw message", () => sendRaw(new Uint8Array()), "InvalidParameterValue", /empty/],
    [
      "a raw message without a From header",
      () => sendRaw(raw("To: a@b.example", "", "x"), { Source: FROM }),
      "InvalidParameterValue",
      /no From header/,
    ],
    [
      "a raw message that is none",
      () => sendRaw(raw("just text"), { Destinations: ["a@b.example"] }),
      "InvalidParameterValue",
      /"just text" is not a header/,
    ],
    [
      "a display name with a line break in it",
      () => send({ Source: `x\r\nBcc: eve@example.com <${FROM}>` }),
      "InvalidParameterValue",
      /line break/,
    ],
    [
      "a reply-to with a line break in it",
      () => send({ ReplyToAddresses: [`a@b.example\r\nX: y`] }),
      "InvalidParameterValue",
      /./,
    ],
    [
      "a From header that is no identity, though the source is one",
      () => sendRaw(raw("From: eve@example.com", "To: a@b.example", "Subject: x", "", "x"), { Source: FROM }),
      "MessageRejected",
      /eve@example\.com/,
    ],
    [
      "a second From header",
      () => sendRaw(raw(`From: ${FROM}`, "From: eve@example.com", "To: a@b.example", "", "x")),
      "InvalidParameterValue",
      /From/i,
    ],
    [
      "no subject",
      () => send({ Message: { ...MAIL.Message, Subject: { Data: "" } } as never }),
      "InvalidParameterValue",
      /subject/i,
    ],
    [
      "no body",
      () => send({ Message: { Subject: { Data: "x" }, Body: {} } }),
      "InvalidParameterValue",
      /body/i,
    ],
    [
      "51 recipients",
      () => send({ Destination: { ToAddresses: Array.from({ length: 51 }, (_, i) => `a${i}@b.example`) } }),
      "InvalidParameterValue",
      /50/,
    ],
  ];
  test.each(refusals)("%s", async (_, attempt, name, message) => {
    const before = (await inbox()).length;
    await expect(attempt()).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect([accepted, (await inbox()).length]).toEqual([[], before]);
    expect(denials).toHaveLength(1);
  });
});

describe("what is not emulated -> refused by name, never a hanging request", () => {
  test("another action of version 1", async () => {
    await expect(role.send(new GetSendQuotaCommand({}))).rejects.toMatchObject({
      name: "InvalidAction",
      message: expect.stringContaining('"GetSendQuota" is not emulated; these are: SendEmail, SendRawEmail'),
    });
  });

  test("version 2 of the API", async () => {
    const answer = await fetch(`${front.endpoint}/v2/email/outbound-emails`, { method: "POST", body: "{}" });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining("use SES API version 1"),
    ]);
  });
});

test("the inbox -> a page for a person", async () => {
  const answer = await fetch(front.endpoint);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    expect.stringContaining("text/html"),
  ]);
});
