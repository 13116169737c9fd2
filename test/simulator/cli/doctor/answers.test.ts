/** What AWS can answer and the local cloud never does, in its documented form, to the SDK's clients: SES and CloudFormation. */

import { parseConfig } from "../../../../lib/config.ts";
import { examineBootstrap } from "../../../../simulator/cli/doctor/account.ts";
import type { Look } from "../../../../simulator/cli/doctor/look.ts";
import { examineMail } from "../../../../simulator/cli/doctor/mail.ts";
import { examineOutputsFile } from "../../../../simulator/cli/doctor/outputs-file.ts";
import { examineStack } from "../../../../simulator/cli/doctor/stacks.ts";
import {
  awsTarget,
  closeClients,
  localTarget,
  type Target,
} from "../../../../simulator/cli/doctor/target.ts";
import { parseTemplate } from "../../../../simulator/cli/doctor/template.ts";
import {
  QueryRefusal,
  type Result,
  startQueryFront,
} from "../../../../simulator/local-cloud/api/query-front.ts";
import { type Front, startServer } from "../../../../simulator/local-cloud/api/server.ts";
import { exampleConfig } from "../../../lib/example-app.ts";

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** As AWS's, for what is printed; its requests go to `endpoint`. */
function targetAt(endpoint: string): Target {
  const { clients } = localTarget(
    "eu-west-1",
    {
      sts: endpoint,
      cloudformation: endpoint,
      ses: endpoint,
      iot: endpoint,
      sns: endpoint,
      sqs: endpoint,
      dynamodb: endpoint,
      lambda: endpoint,
    },
    "",
  );
  const aws = awsTarget("eu-west-1", "");
  closeClients(aws.clients);
  ended.push(() => closeClients(clients));
  return { ...aws, clients };
}

const opened = async (front: Promise<Front>): Promise<string> => {
  const { endpoint, stop } = await front;
  ended.push(stop);
  return endpoint;
};
const onError = (error: unknown): never => {
  throw error;
};

const lookAt = (endpoint: string, mail: object = {}): Look => ({
  target: targetAt(endpoint),
  here: {
    config: parseConfig({ ...exampleConfig, mail: { ...exampleConfig.mail, ...mail } }),
    version: "0.2.0",
    stacks: new Map(),
  },
  outputsFile: "/nowhere/cdk-outputs.json",
  nowMs: 0,
});

const SANDBOX = {
  ProductionAccessEnabled: false,
  SendingEnabled: true,
  EnforcementStatus: "HEALTHY",
  SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
};
type Identity = { readonly VerifiedForSendingStatus: boolean; readonly VerificationStatus: string };
const verified: Identity = { VerifiedForSendingStatus: true, VerificationStatus: "SUCCESS" };
const pending: Identity = { VerifiedForSendingStatus: false, VerificationStatus: "PENDING" };

const serveSes = (account: object, identities: Readonly<Record<string, Identity>>): Promise<string> =>
  opened(
    startServer({
      what: "SES",
      onError,
      answer: async ({ path }) => {
        const name = decodeURIComponent(path.split("/").at(-1) ?? "");
        const found = name === "account" ? account : identities[name];
        return {
          status: found === undefined ? 404 : 200,
          headers: {
            "content-type": "application/json",
            ...(found === undefined ? { "x-amzn-errortype": "NotFoundException" } : {}),
          },
          body: JSON.stringify(found ?? { message: `Email identity ${name} does not exist.` }),
        };
      },
    }),
  );
const said = async (account: object, identities: Readonly<Record<string, Identity>>, mail = {}) =>
  (await examineMail(lookAt(await serveSes(account, identities), mail))).map(
    ({ check, state, text, mend }) => [`${state} ${check}`, text, ...(mend === undefined ? [] : [mend])],
  );

describe("SES", () => {
  test("sandbox: one by its domain, one that waits for its link, one unknown -> each with what mends it", async () => {
    const to = ["you@mail.example.com", "Me+1@example.org", "late@example.net"];
    const identities = { "example.com": verified, "ha2m@example.com": pending, "Me+1@example.org": pending };
    expect(await said(SANDBOX, identities, { to })).toEqual([
      ["good mail", "SES is in its sandbox, up to 200 mails a day: every recipient must be verified"],
      [
        "wrong sender",
        expect.stringMatching(/^ha2m@example\.com is not verified in SES \(PENDING\): open the link/),
        "aws ses verify-email-identity --email-address ha2m@example.com --region eu-west-1",
      ],
      ["good recipient", "you@mail.example.com is verified by example.com"],
      [
        "wrong recipient",
        expect.stringContaining("(PENDING)"),
        "aws ses verify-email-identity --email-address Me+1@example.org --region eu-west-1",
      ],
      [
        "wrong recipient",
        expect.stringMatching(/request it, and open the link/),
        "aws ses verify-email-identity --email-address late@example.net --region eu-west-1",
      ],
    ]);
  });

  test("out of the sandbox -> recipients need nothing, the sender does", async () => {
    const production = { ...SANDBOX, ProductionAccessEnabled: true };
    expect(
      (await said(production, { "example.com": pending }, { identity: "example.com" })).map(([what]) => what),
    ).toEqual(["good mail", "wrong sender", "good recipient", "good recipient"]);
  });

  test("a domain that waits for its records, and one that SES does not know -> DKIM, by name", async () => {
    const mail = { identity: "example.com" };
    const [, waits] = await said(SANDBOX, { "example.com": pending }, mail);
    expect(waits).toEqual([
      "wrong sender",
      expect.stringContaining("TOKEN._domainkey.example.com as CNAME of TOKEN.dkim.amazonses.com"),
      "aws sesv2 get-email-identity --email-identity example.com --query DkimAttributes --region eu-west-1",
    ]);
    const [, unknown] = await said(SANDBOX, {}, mail);
    expect(unknown).toEqual([
      "wrong sender",
      expect.stringContaining("is unknown to SES"),
      "aws sesv2 create-email-identity --email-identity example.com --region eu-west-1",
    ]);
  });

  test("SES's mailbox simulator -> needs no verification; an account that is shut down -> wrong", async () => {
    const shut = { ...SANDBOX, EnforcementStatus: "SHUTDOWN" };
    const to = ["success@simulator.amazonses.com"];
    const whats = (await said(shut, { "ha2m@example.com": verified }, { to })).map(([what]) => what);
    expect(whats).toEqual(["wrong mail", "good sender", "good recipient"]);
  });
});

const TEMPLATE = { Resources: { Own: { Type: "T", Properties: { A: 1 } } } };
const stackOf = (StackStatus: string, outputs: Readonly<Record<string, string>> = {}) => ({
  StackName: "Ha2mData",
  CreationTime: "2026-11-29T10:00:00Z",
  LastUpdatedTime: "2026-11-30T10:00:00Z",
  StackStatus,
  Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
});
const serveStack = (stack: Result | undefined): Promise<string> =>
  opened(
    startQueryFront({
      what: "CloudFormation",
      service: "cloudformation",
      namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
      refuse: () => undefined,
      onDenied: () => undefined,
      onError,
      operations: {
        DescribeStacks: {
          run: (form) => {
            if (stack !== undefined) return { Stacks: [stack] };
            throw new QueryRefusal(
              "ValidationError",
              `Stack with id ${form.get("StackName")} does not exist`,
            );
          },
        },
        GetTemplate: { run: () => ({ TemplateBody: JSON.stringify(TEMPLATE) }) },
      },
    }),
  );
const examined = async (stack: Result | undefined, expected: object = TEMPLATE) =>
  (await examineStack(lookAt(await serveStack(stack)), "Ha2mData", parseTemplate(JSON.stringify(expected))))
    .finding;

describe("CloudFormation", () => {
  test("whole and as here -> well, with version and time; changed here -> a warning that names what differs", async () => {
    const stack = stackOf("UPDATE_COMPLETE", { Version: "0.1.0" });
    expect(await examined(stack)).toEqual({
      check: "stack",
      state: "good",
      text: "Ha2mData 0.1.0, UPDATE_COMPLETE since 2026-11-30 10:00 UTC",
    });
    const other = { Resources: { Own: { Type: "T", Properties: { A: 2 } }, B: { Type: "T" } } };
    expect(await examined(stack, other)).toEqual({
      check: "stack",
      state: "warning",
      text: expect.stringMatching(/here is 0\.2\.0, with 2 differences \(Own, B\): npx cdk diff shows how$/),
      mend: expect.stringMatching(/^npx cdk deploy/),
    });
  });

  test.each([
    [undefined, /is not deployed/, /^npx cdk deploy/],
    [stackOf("ROLLBACK_COMPLETE"), /ROLLBACK_COMPLETE: fix the cause/, /^npx cdk deploy/],
    [
      stackOf("UPDATE_IN_PROGRESS"),
      /wait until that has finished/,
      /^aws cloudformation describe-stack-events/,
    ],
    [
      stackOf("UPDATE_ROLLBACK_FAILED"),
      /so did its rollback/,
      /^aws cloudformation continue-update-rollback/,
    ],
  ])("%j -> wrong, and nothing of it is counted on", async (stack, text, mend) => {
    expect(await examined(stack)).toEqual({
      check: "stack",
      state: "wrong",
      text: expect.stringMatching(text),
      mend: expect.stringMatching(mend),
    });
  });

  test.each([
    [stackOf("CREATE_COMPLETE", { BootstrapVersion: "28" }), "good", /^version 28 in eu-west-1$/],
    [stackOf("UPDATE_COMPLETE", { BootstrapVersion: "5" }), "wrong", /^version 5 in eu-west-1, 6 is needed$/],
    [stackOf("ROLLBACK_COMPLETE"), "wrong", /is ROLLBACK_COMPLETE/],
    [undefined, "wrong", /^not done in eu-west-1$/],
  ])("bootstrap: %j -> %s", async (stack, state, text) => {
    expect(await examineBootstrap(lookAt(await serveStack(stack)))).toMatchObject([
      { state, text: expect.stringMatching(text) },
    ]);
  });

  test("no outputs file -> a warning; nothing deployed -> not checked", () => {
    const look = lookAt("http://127.0.0.1:1");
    const templates = new Map();
    expect(examineOutputsFile(look, { templates, outputs: new Map([["A", "1"]]) })).toMatchObject([
      { state: "warning", text: expect.stringContaining("/nowhere/cdk-outputs.json is not there") },
    ]);
    expect(examineOutputsFile(look, { templates, outputs: new Map() })).toMatchObject([
      { state: "unchecked" },
    ]);
  });
});
