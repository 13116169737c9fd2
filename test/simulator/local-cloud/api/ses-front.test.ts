import { SendEmailCommand, SendRawEmailCommand, VerifyEmailIdentityCommand } from "@aws-sdk/client-ses";
import {
  ARN,
  accepted,
  account,
  asked,
  denials,
  FROM,
  front,
  letRole,
  MAIL,
  role,
  send,
  useSesFront,
} from "./ses-front-fixture.ts";

const PREFIX = `${ARN}identity/`;

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

const inbox = async (): Promise<{ subject: string }[]> =>
  ((await (await fetch(`${front.endpoint}/store`)).json()) as { emails: { subject: string }[] }).emails;

useSesFront();

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
    expect(new Set(asked.map(({ resource }) => resource))).toEqual(
      new Set([`${PREFIX}example.org`, `${PREFIX}example.net`]),
    );
  });
});

const said = (action: string, resource: string, recipient: string, sender = FROM) => ({
  accessKeyId: "ROLE",
  action,
  resource,
  context: { "ses:FromAddress": sender, "ses:Recipients": recipient },
});

describe("what the policy is asked about", () => {
  test("a mail in the sandbox -> asked about the sender's identity and each recipient's, by the sender's address", async () => {
    account.verify({ name: "bob@example.net" });
    await sendRaw(MESSAGE);
    await send();
    expect(asked).toEqual(
      ["ses:SendRawEmail", "ses:SendEmail"].flatMap((action) => [
        said(action, `${PREFIX}${FROM}`, "ann@example.net"),
        // Verified by its domain, and by itself.
        said(action, `${PREFIX}example.net`, "ann@example.net"),
        said(action, `${PREFIX}${FROM}`, "bob@example.net"),
        said(action, `${PREFIX}bob@example.net`, "bob@example.net"),
      ]),
    );
  });

  test("the same with production access -> about the sender's identity alone", async () => {
    account.endSandbox();
    await sendRaw(MESSAGE);
    expect(asked).toEqual(
      ["ann@example.net", "bob@example.net"].map((to) => said("ses:SendRawEmail", `${PREFIX}${FROM}`, to)),
    );
  });

  test.each<[string, () => Promise<unknown>]>([
    ["the identity's own", () => sendRaw(MESSAGE)],
    ["the request's", () => role.send(new SendEmailCommand({ ...MAIL, ConfigurationSetName: "first-set" }))],
    [
      "the message's",
      () =>
        sendRaw(raw(`From: ${FROM}`, "To: ann@example.net", "X-SES-CONFIGURATION-SET: first-set", "", "x")),
    ],
  ])("a configuration set: %s -> asked about as well", async (whose, attempt) => {
    if (whose === "the identity's own") account.verify({ name: FROM, configurationSet: "first-set" });
    await attempt();
    expect(asked.map(({ resource }) => resource)).toContain(`${ARN}configuration-set/first-set`);
  });

  test("a source and a From header that differ -> the policy is asked about both", async () => {
    account.endSandbox();
    await sendRaw(raw("From: other@example.org", "To: a@b.example", "Subject: x", "", "x"), { Source: FROM });
    expect(accepted).toMatchObject([{ from: "other@example.org" }]);
    expect(asked).toMatchObject([
      { resource: `${PREFIX}example.org`, context: { "ses:FromAddress": "other@example.org" } },
      { resource: `${PREFIX}${FROM}`, context: { "ses:FromAddress": FROM } },
    ]);
  });
});

describe("who may not", () => {
  test("a role that may send as the sender's identity, and no more -> refused in the sandbox, as SES refuses it", async () => {
    letRole((resource) => resource === `${PREFIX}${FROM}`);
    await expect(sendRaw(MESSAGE)).rejects.toMatchObject({ message: "role R may not" });
    expect(asked.at(-1)?.resource).toBe(`${PREFIX}example.net`);
    account.endSandbox();
    await sendRaw(MESSAGE);
    expect(accepted).toHaveLength(1);
  });

  test("a role that may not -> AccessDenied as the SDK knows it, told to the log, no mail", async () => {
    letRole(() => false);
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

type Refusal = [what: string, attempt: () => Promise<unknown>, name: string, message: RegExp];
const refuses = async (...[, attempt, name, message]: Refusal): Promise<void> => {
  const before = (await inbox()).length;
  await expect(attempt()).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  expect([accepted, (await inbox()).length]).toEqual([[], before]);
  expect(denials).toHaveLength(1);
};

describe("a sender that may not send -> refused before it reaches the inbox", () => {
  test.each<Refusal>([
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
      "a raw message without a From header",
      () => sendRaw(raw("To: a@b.example", "", "x"), { Source: FROM }),
      "InvalidParameterValue",
      /no From header/,
    ],
    [
      "a display name with a line break in it",
      () => send({ Source: `x\r\nBcc: eve@example.com <${FROM}>` }),
      "InvalidParameterValue",
      /line break/,
    ],
  ])("%s", refuses);
});

describe("recipients that cannot be -> refused before it reaches the inbox", () => {
  test.each<Refusal>([
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
      "a reply-to with a line break in it",
      () => send({ ReplyToAddresses: [`a@b.example\r\nX: y`] }),
      "InvalidParameterValue",
      /./,
    ],
    [
      "51 recipients",
      () => send({ Destination: { ToAddresses: Array.from({ length: 51 }, (_, i) => `a${i}@b.example`) } }),
      "InvalidParameterValue",
      /50/,
    ],
  ])("%s", refuses);
});

describe("a message that cannot be sent -> refused before it reaches the inbox", () => {
  test.each<Refusal>([
    [
      "a subject with a line break in it",
      () => send({ Message: { ...MAIL.Message, Subject: { Data: "x\r\nBcc: eve@example.com" } } as never }),
      "InvalidParameterValue",
      /line break/,
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
    ["an empty raw message", () => sendRaw(new Uint8Array()), "InvalidParameterValue", /empty/],
    [
      "a raw message that is none",
      () => sendRaw(raw("just text"), { Destinations: ["a@b.example"] }),
      "InvalidParameterValue",
      /"just text" is not a header/,
    ],
  ])("%s", refuses);
});

describe("the sandbox", () => {
  test("one of three recipients is not verified -> the whole mail is refused, in SES's own words", async () => {
    await expect(
      send({
        Destination: { ToAddresses: ["ann@example.net", "Dan <dan@other.example>", "bob@example.net"] },
      }),
    ).rejects.toMatchObject({
      name: "MessageRejected",
      message:
        "Email address is not verified. The following identities failed the check in region US-EAST-1: dan@other.example",
    });
    expect(accepted).toEqual([]);
  });

  test("two recipients and the sender -> all are named, each once", async () => {
    const ToAddresses = ["dan@other.example", "ann@example.net", "eve@more.example", "dan@other.example"];
    await expect(send({ Source: "eve@more.example", Destination: { ToAddresses } })).rejects.toMatchObject({
      message: expect.stringMatching(/in region US-EAST-1: eve@more\.example, dan@other\.example$/),
    });
  });

  test("a recipient of SES's mailbox simulator -> needs no verification", async () => {
    await send({ Destination: { ToAddresses: ["success@simulator.amazonses.com"] } });
    expect(accepted).toHaveLength(1);
  });

  test("the address is verified -> the next mail to it goes out", async () => {
    const mail = { Destination: { ToAddresses: ["dan@other.example"] } };
    await expect(send(mail)).rejects.toMatchObject({ name: "MessageRejected" });
    await role.send(new VerifyEmailIdentityCommand({ EmailAddress: "dan@other.example" }));
    await send(mail);
    expect(accepted).toHaveLength(1);
  });
});

test("the inbox -> a page for a person", async () => {
  const answer = await fetch(front.endpoint);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    expect.stringContaining("text/html"),
  ]);
});
