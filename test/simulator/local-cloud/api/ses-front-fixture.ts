import { SESClient, SendEmailCommand, type SendEmailCommandInput } from "@aws-sdk/client-ses";
import type { Mail } from "../../../../simulator/local-cloud/api/mail-request.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import { SesAccount } from "../../../../simulator/local-cloud/api/ses-account.ts";
import { startSesFront } from "../../../../simulator/local-cloud/api/ses-front.ts";
import { type Backend, startBackend } from "../../../../simulator/local-cloud/backends/backend.ts";

export const ARN = "arn:aws:ses:us-east-1:123456789012:";

export const FROM = "ha2m@example.com";

let backend: Backend;

export let front: Front;

export let role: SESClient;

export const accepted: Mail[] = [];

export const denials: string[] = [];

export const asked: { accessKeyId: string; action: string; resource: string; context: unknown }[] = [];

let mayRole: (resource: string) => boolean;

export let account: SesAccount;

const clientOf = (accessKeyId: string) =>
  new SESClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "x" },
    maxAttempts: 1,
  });

/** For a file of tests: one front, and for each test an account of its own and empty records. */
export function useSesFront(): void {
  beforeAll(async () => {
    backend = startBackend("ses");
    front = await startSesFront({
      port: 0,
      backendPort: backend.port,
      arnPrefix: ARN,
      // A front asks the account at each request: every test begins with one of its own.
      get account() {
        return account;
      },
      refuse: (accessKeyId, action, resource, context) => {
        asked.push({ accessKeyId, action, resource, context });
        return mayRole(resource) ? undefined : "role R may not";
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
    mayRole = () => true;
    account = accountOf("example.net", "b.example");
    for (const list of [accepted, denials, asked]) list.length = 0;
  });
}

/** From here on in this test, the role may do only this. */
export const letRole = (may: typeof mayRole): void => {
  mayRole = may;
};

const accountOf = (...verified: readonly string[]) =>
  new SesAccount(
    "us-east-1",
    [FROM, "example.org", ...verified].map((name) => ({ name })),
  );

export const MAIL: SendEmailCommandInput = {
  Source: `ha2m <${FROM}>`,
  Destination: { ToAddresses: ["ann@example.net"], CcAddresses: ["bob@example.net"] },
  Message: { Subject: { Data: "hello" }, Body: { Text: { Data: "text" }, Html: { Data: "<p>html</p>" } } },
};

export const send = (changes: Partial<SendEmailCommandInput> = {}) =>
  role.send(new SendEmailCommand({ ...MAIL, ...changes }));
