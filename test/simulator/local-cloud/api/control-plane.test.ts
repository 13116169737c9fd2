/** The SDK's clients against the APIs by which the owner looks after what is deployed, of the cloud as a whole. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStacksCommand,
} from "@aws-sdk/client-cloudformation";
import {
  DescribeCertificateCommand,
  DisableTopicRuleCommand,
  EnableTopicRuleCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
  ListTopicRulesCommand,
} from "@aws-sdk/client-iot";
import {
  ConfirmSubscriptionCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { freshAssembly } from "../../../../simulator/cli/shared/assembly-cache.ts";
import { ComposedCloud } from "../composed-cloud.ts";
import { reading } from "../support/messages.ts";

let assemblyDir: string;
let composed: ComposedCloud;
beforeAll(async () => {
  assemblyDir = await freshAssembly(() => undefined);
  composed = await new ComposedCloud().start(assemblyDir);
});
afterAll(() => composed.stop());

const to = (service: "iot" | "sts" | "cloudformation" | "sns", accessKeyId = "owner") => ({
  endpoint: composed.cloud.control[service],
  region: "us-east-1",
  credentials: { accessKeyId, secretAccessKey: "local" },
  maxAttempts: 1,
});

test("who asks -> the account's owner, or the role whose key it is", async () => {
  const asked = async (key: string) => new STSClient(to("sts", key)).send(new GetCallerIdentityCommand({}));
  expect(await asked("owner")).toMatchObject({
    Account: "123456789012",
    Arn: "arn:aws:iam::123456789012:root",
  });
  expect((await asked("AKIALOCAL00000000000")).Arn).toMatch(
    /^arn:aws:sts::123456789012:assumed-role\/Ha2mPipeline-\w+\/local$/,
  );
});

describe("stacks", () => {
  const client = () => new CloudFormationClient(to("cloudformation"));

  test("each -> complete, with the outputs that a deploy would write, and its template", async () => {
    for (const [StackName, outputs] of Object.entries(composed.cloud.outputs())) {
      const { Stacks } = await client().send(new DescribeStacksCommand({ StackName }));
      expect(Stacks).toMatchObject([{ StackName, StackStatus: "CREATE_COMPLETE" }]);
      expect(
        Object.fromEntries(Stacks?.[0]?.Outputs?.map((o) => [o.OutputKey, o.OutputValue]) ?? []),
      ).toEqual(outputs);
      const { TemplateBody = "" } = await client().send(new GetTemplateCommand({ StackName }));
      const file = readFileSync(join(assemblyDir, `${StackName}.template.json`), "utf8");
      expect(TemplateBody).toBe(file.replace(/\P{ASCII}/gu, "?"));
    }
  });

  test("one that is not there, and an operation that is not emulated -> AWS's errors, by name", async () => {
    await expect(client().send(new DescribeStacksCommand({ StackName: "Other" }))).rejects.toMatchObject({
      name: "ValidationError",
      message: "Stack with id Other does not exist",
    });
    await expect(client().send(new ListStacksCommand({}))).rejects.toThrow(
      'the action "ListStacks" is not emulated; these are: DescribeStacks, GetTemplate',
    );
  });

  test("the key of a role that may not -> refused", async () => {
    const weak = new CloudFormationClient(to("cloudformation", "AKIALOCAL00000000000"));
    await expect(weak.send(new DescribeStacksCommand({ StackName: "Ha2mData" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });
});

describe("AWS IoT", () => {
  const client = () => new IoTClient(to("iot"));

  test("a thing -> its certificate, what is attached to it, and until when it is valid", async () => {
    const { principals = [] } = await client().send(
      new ListThingPrincipalsCommand({ thingName: "kitchen-0" }),
    );
    expect(principals).toEqual([expect.stringMatching(/^arn:aws:iot:us-east-1:123456789012:cert\/\w{64}$/)]);
    const [target = ""] = principals;
    const { policies } = await client().send(new ListAttachedPoliciesCommand({ target }));
    expect(policies?.map(({ policyName }) => policyName)).toEqual([
      composed.cloud.outputs().Ha2mDevices?.DevicePolicy,
    ]);
    const { certificateDescription } = await client().send(
      new DescribeCertificateCommand({ certificateId: target.split("/")[1] }),
    );
    expect(certificateDescription).toMatchObject({ status: "ACTIVE" });
    const { notBefore, notAfter } = certificateDescription?.validity ?? {};
    expect(notBefore?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(notAfter?.getTime()).toBeGreaterThan(Date.now());
  });

  test("a rule is disabled -> listed as such, and stores nothing; enabled again, it does", async () => {
    const ruleName = composed.cloud.rules.find((name) => name.endsWith("readings"));
    const disabled = async () => {
      const { rules = [] } = await client().send(new ListTopicRulesCommand({}));
      return rules.filter((rule) => rule.ruleDisabled).map((rule) => rule.ruleName);
    };
    expect(await disabled()).toEqual([]);
    await client().send(new DisableTopicRuleCommand({ ruleName }));
    expect(await disabled()).toEqual([ruleName]);
    await composed.publish("reading", 0, reading());
    await composed.cloud.idle();
    expect(await composed.stored()).toHaveLength(0);
    await client().send(new EnableTopicRuleCommand({ ruleName }));
    await composed.publish("reading", 0, reading());
    await composed.cloud.idle();
    expect(await composed.stored()).toHaveLength(1);
  });
});

test("a subscriber by mail -> pending until the token of the log confirms it", async () => {
  const client = new SNSClient(to("sns"));
  const { AlarmTopicArn: TopicArn } = composed.cloud.outputs().Ha2mPipeline as { AlarmTopicArn: string };
  const endpoint = "first+last@example.org";
  const arn = async () => {
    const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    return Subscriptions.find(({ Endpoint }) => Endpoint === endpoint)?.SubscriptionArn;
  };
  const subscribed = await client.send(
    new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: endpoint }),
  );
  expect([subscribed.SubscriptionArn, await arn()]).toEqual(["pending confirmation", "PendingConfirmation"]);
  await expect(client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: "x" }))).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
  const token = composed.log.find(({ code }) => code === "confirmation-asked")?.fields?.token;
  await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: String(token) }));
  expect(await arn()).toMatch(/^arn:aws:sns:us-east-1:123456789012:[\w-]+:[\w-]+$/);
  await expect(
    client.send(new ListSubscriptionsByTopicCommand({ TopicArn: `${TopicArn}-none` })),
  ).rejects.toMatchObject({ name: "NotFoundException", message: "Topic does not exist" });
});

test("a message to a topic -> told to the log as it is; too long, or to no topic -> refused by its name", async () => {
  const client = new SNSClient(to("sns"));
  const { AlarmTopicArn: TopicArn } = composed.cloud.outputs().Ha2mPipeline as { AlarmTopicArn: string };
  const Message = 'a "line" & <more>, é';
  const published = await client.send(new PublishCommand({ TopicArn, Message }));
  expect(published.MessageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect((await client.send(new PublishCommand({ TopicArn, Message }))).MessageId).not.toBe(
    published.MessageId,
  );
  expect(composed.texts("notice-published")).toEqual([
    expect.stringContaining(Message),
    expect.stringContaining(Message),
  ]);
  await expect(
    client.send(new PublishCommand({ TopicArn, Message: "é".repeat(131_073) })),
  ).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(
    client.send(new PublishCommand({ TopicArn: `${TopicArn}-none`, Message })),
  ).rejects.toMatchObject({ name: "NotFoundException" });
});
