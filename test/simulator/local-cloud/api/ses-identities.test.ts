/** The account of SES and its identities, by both versions of the API. */
import {
  DeleteIdentityCommand,
  GetIdentityVerificationAttributesCommand,
  GetSendQuotaCommand,
  ListIdentitiesCommand,
  ListTemplatesCommand,
  VerifyEmailIdentityCommand,
} from "@aws-sdk/client-ses";
import { ARN, account, asked, FROM, front, letRole, role, send, useSesFront } from "./ses-front-fixture.ts";

useSesFront();

/** A request as a client of version 2 signs it. */
const v2 = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${front.endpoint}/v2/email/${path}`, {
    method,
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=ROLE/20300601/us-east-1/ses/aws4_request" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return [answer.status, answer.headers.get("x-amzn-errortype"), await answer.json()];
};

describe("the account", () => {
  test("version 1: verified, listed, looked up, deleted; the sandbox shows in the quota", async () => {
    await role.send(new VerifyEmailIdentityCommand({ EmailAddress: "d&n@other.example" }));
    expect(await role.send(new ListIdentitiesCommand({ IdentityType: "EmailAddress" }))).toMatchObject({
      Identities: [FROM, "d&n@other.example"],
    });
    expect(await role.send(new ListIdentitiesCommand({ IdentityType: "Domain" }))).toMatchObject({
      Identities: ["example.org", "example.net", "b.example"],
    });
    const Identities = ["d&n@other.example", "no@other.example"];
    expect(await role.send(new GetIdentityVerificationAttributesCommand({ Identities }))).toMatchObject({
      VerificationAttributes: { "d&n@other.example": { VerificationStatus: "Success" } },
    });
    await role.send(new DeleteIdentityCommand({ Identity: "d&n@other.example" }));
    expect(account.find("d&n@other.example")).toBeUndefined();
    await send();
    expect(await role.send(new GetSendQuotaCommand({}))).toMatchObject({
      Max24HourSend: 200,
      MaxSendRate: 1,
      SentLast24Hours: 2,
    });
  });

  test("version 2: the account, its sandbox, and the end of it", async () => {
    expect(await v2("GET", "account")).toEqual([
      200,
      null,
      expect.objectContaining({
        ProductionAccessEnabled: false,
        SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
      }),
    ]);
    expect(await v2("POST", "account/details", { ProductionAccessEnabled: true })).toEqual([200, null, {}]);
    expect(await v2("GET", "account")).toMatchObject([200, null, { ProductionAccessEnabled: true }]);
  });
});

describe("an identity", () => {
  test("version 2: an identity is created once, listed, read with its configuration set, deleted", async () => {
    const name = "dan@other.example";
    const of = `identities/${encodeURIComponent(name)}`;
    expect(await v2("GET", of)).toEqual([
      404,
      "NotFoundException",
      { message: `Email identity ${name} does not exist.` },
    ]);
    const identity = { EmailIdentity: name, ConfigurationSetName: "first-set" };
    expect(await v2("POST", "identities", identity)).toMatchObject([
      200,
      null,
      { IdentityType: "EMAIL_ADDRESS", VerifiedForSendingStatus: true },
    ]);
    expect(await v2("POST", "identities", identity)).toMatchObject([400, "AlreadyExistsException", {}]);
    expect(await v2("GET", of)).toMatchObject([
      200,
      null,
      { VerificationStatus: "SUCCESS", ConfigurationSetName: "first-set" },
    ]);
    expect(await v2("GET", "identities?PageSize=100")).toMatchObject([
      200,
      null,
      {
        EmailIdentities: [
          { IdentityName: FROM, IdentityType: "EMAIL_ADDRESS" },
          { IdentityName: "example.org", IdentityType: "DOMAIN" },
          { IdentityName: "example.net" },
          { IdentityName: "b.example" },
          { IdentityName: name },
        ],
      },
    ]);
    expect(await v2("DELETE", of)).toEqual([200, null, {}]);
    expect(account.find(name)).toBeUndefined();
    expect(asked.map(({ action, resource }) => `${action} ${resource.replace(ARN, "")}`)).toContain(
      `ses:CreateEmailIdentity identity/${name}`,
    );
  });
});

describe("what is refused", () => {
  test("a role that may not -> refused in the form of the version, and nothing is changed", async () => {
    letRole(() => false);
    await expect(
      role.send(new VerifyEmailIdentityCommand({ EmailAddress: "dan@other.example" })),
    ).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
    expect(await v2("POST", "identities", { EmailIdentity: "dan@other.example" })).toEqual([
      403,
      "AccessDeniedException",
      { message: "role R may not" },
    ]);
    expect(account.find("dan@other.example")).toBeUndefined();
  });

  test.each([
    ["GET", "contact-lists"],
    ["POST", "outbound-emails"],
    ["PUT", "identities/a/dkim"],
    ["GET", "identities/%E0%A4%A"],
  ])(
    "version 2 of the API, %s %s -> refused by name in JSON, as its clients read errors",
    async (...asking) => {
      const [method, path] = asking;
      expect(await v2(method, path, method === "GET" ? undefined : {})).toEqual([
        400,
        "BadRequestException",
        {
          message: expect.stringContaining(
            `${method} /v2/email/${path} of SES API version 2 is not emulated here; these are: GetAccount,`,
          ),
        },
      ]);
    },
  );

  test("version 2 without credentials, or with a body that is no JSON -> refused in JSON", async () => {
    const answer = await fetch(`${front.endpoint}/v2/email/account`);
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
      403,
      "MissingAuthenticationTokenException",
    ]);
    const broken = await fetch(`${front.endpoint}/v2/email/identities`, { method: "POST", body: "{" });
    expect([broken.status, await broken.json()]).toEqual([400, { message: expect.stringContaining("JSON") }]);
  });

  test("an action of version 1 that is not emulated -> refused by name, never a hanging request", async () => {
    await expect(role.send(new ListTemplatesCommand({}))).rejects.toMatchObject({
      name: "InvalidAction",
      message: expect.stringContaining('"ListTemplates" is not emulated; these are: SendEmail, SendRawEmail'),
    });
  });
});
