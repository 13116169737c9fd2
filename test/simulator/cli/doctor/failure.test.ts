/** What the SDK throws, as a person reads it: real errors of the SDK's clients where they can be had. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { failed, guarded } from "../../../../simulator/cli/doctor/failure.ts";
import {
  awsTarget,
  closeClients,
  localTarget,
  type Target,
} from "../../../../simulator/cli/doctor/target.ts";

const targetAt = (url: string): Target =>
  localTarget(
    "us-east-1",
    { sts: url, cloudformation: url, ses: url, iot: url, sns: url, sqs: url, dynamodb: url, lambda: url },
    "",
  );
const aws = awsTarget("eu-west-1", "");
afterAll(() => closeClients(aws.clients));

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each([
  [
    "ExpiredTokenException",
    "The security token included in the request is expired",
    /have expired/,
    "aws sso login",
  ],
  [
    "InvalidClientTokenId",
    "The security token is invalid",
    /does not know these credentials/,
    "aws configure",
  ],
  [
    "CredentialsProviderError",
    "The SSO session associated with this profile has expired",
    /SSO session/,
    "aws sso login",
  ],
  [
    "CredentialsProviderError",
    "Could not load credentials from any providers",
    /there are none .*AWS_PROFILE/,
    "aws configure",
  ],
])("%s: %s -> one line, with what to do", (name, message, text, mend) => {
  expect(failed(aws, "credentials", named(name, message))).toEqual({
    check: "credentials",
    state: "wrong",
    text: expect.stringMatching(text),
    mend,
  });
});

test("a right that is missing -> named; no network -> asked for", () => {
  const denied = named("AccessDeniedException", "User: x is not authorized to perform:\n ses:GetAccount");
  expect(failed(aws, "mail", denied)).toMatchObject({
    state: "wrong",
    text: expect.stringMatching(/may not read it \(.* perform: ses:GetAccount\)/),
  });
  const offline = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  expect(failed(aws, "mail", offline).text).toMatch(/eu-west-1 cannot be reached \(ENOTFOUND\).*online/);
});

describe("a local cloud", () => {
  const ask = (target: Target) =>
    guarded(target, "credentials", async () => {
      await target.clients.sts.send(new GetCallerIdentityCommand({}));
      return [];
    });

  test("that is gone -> says so, and how to start it", async () => {
    const server: Server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const target = targetAt(`http://127.0.0.1:${port}`);
    expect(await ask(target)).toEqual([
      {
        check: "credentials",
        state: "wrong",
        text: "the local cloud does not answer (ECONNREFUSED)",
        mend: "npm run cloud",
      },
    ]);
    closeClients(target.clients);
  });

  test("that answers with something else -> one line, no stack", async () => {
    const server = createServer((_, response) => response.writeHead(404).end("<html>\nnot\nthis</html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const target = targetAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [finding] = await ask(target);
    expect(finding).toMatchObject({ state: "wrong", text: expect.not.stringContaining("\n") });
    closeClients(target.clients);
    server.close();
  });
});
