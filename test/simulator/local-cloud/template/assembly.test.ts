import { rmSync } from "node:fs";
import { join } from "node:path";
import { loadAssembly } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ACCOUNT, type Templates, writeAssembly } from "./assembly-fixture.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const written = (templates: Templates, assets?: Record<string, string>): string => {
  const dir = writeAssembly(templates, assets);
  folders.push(dir);
  return dir;
};
const load = (templates: Templates, assets?: Record<string, string>) =>
  loadAssembly(written(templates, assets), ACCOUNT);
/** One stack, named S. */
const stack = (resources: Record<string, unknown>) => load({ S: { Resources: resources } });

const queue = { Type: "AWS::SQS::Queue" };

describe("names and ARNs -> as CloudFormation's return values have them", () => {
  const cases: [type: string, properties: Record<string, unknown>, name: string, arn: string][] = [
    ["AWS::DynamoDB::Table", { TableName: "t" }, "t", "arn:aws:dynamodb:eu-central-1:123456789012:table/t"],
    ["AWS::DynamoDB::GlobalTable", {}, "S-X", "arn:aws:dynamodb:eu-central-1:123456789012:table/S-X"],
    ["AWS::IAM::Role", {}, "S-X", "arn:aws:iam::123456789012:role/S-X"],
    ["AWS::IoT::TopicRule", { RuleName: "r" }, "r", "arn:aws:iot:eu-central-1:123456789012:rule/r"],
    ["AWS::IoT::Thing", { ThingName: "k-0" }, "k-0", "arn:aws:iot:eu-central-1:123456789012:thing/k-0"],
    ["AWS::IoT::Policy", { PolicyName: "p" }, "p", "arn:aws:iot:eu-central-1:123456789012:policy/p"],
    [
      "AWS::Lambda::Function",
      { FunctionName: "f" },
      "f",
      "arn:aws:lambda:eu-central-1:123456789012:function:f",
    ],
    ["AWS::Events::EventBus", { Name: "b" }, "b", "arn:aws:events:eu-central-1:123456789012:event-bus/b"],
    ["AWS::SNS::Topic", {}, "S-X", "arn:aws:sns:eu-central-1:123456789012:S-X"],
    [
      "AWS::SecretsManager::Secret",
      {},
      "S-X",
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:S-X-Local1",
    ],
    ["AWS::SQS::Queue", {}, "S-X", "arn:aws:sqs:eu-central-1:123456789012:S-X"],
    [
      "AWS::SES::EmailIdentity",
      { EmailIdentity: "a@b.example" },
      "a@b.example",
      "arn:aws:ses:eu-central-1:123456789012:identity/a@b.example",
    ],
  ];
  test.each(cases)("%s %j", (Type, Properties, name, arn) => {
    expect(stack({ X: { Type, Properties } }).resources(Type)).toEqual([
      { stack: "S", logicalId: "X", type: Type, name, arn, properties: Properties },
    ]);
  });
});

describe("references -> what CloudFormation gives for them", () => {
  test("Ref and GetAtt of a queue -> its URL, ARN and name", () => {
    const refer = { Ref: "Q" };
    const [x] = stack({
      Q: queue,
      X: {
        Type: "AWS::IAM::Role",
        Properties: { refer, arn: { "Fn::GetAtt": ["Q", "Arn"] }, name: { "Fn::GetAtt": "Q.QueueName" } },
      },
    }).resources("AWS::IAM::Role");
    expect(x?.properties).toEqual({
      refer: "https://sqs.eu-central-1.amazonaws.com/123456789012/S-Q",
      arn: "arn:aws:sqs:eu-central-1:123456789012:S-Q",
      name: "S-Q",
    });
  });

  test("Ref of a topic and of a secret -> the ARN", () => {
    const [x] = stack({
      T: { Type: "AWS::SNS::Topic" },
      K: { Type: "AWS::SecretsManager::Secret" },
      X: { Type: "AWS::IAM::Role", Properties: { topic: { Ref: "T" }, key: { Ref: "K" } } },
    }).resources("AWS::IAM::Role");
    expect(x?.properties).toEqual({
      topic: "arn:aws:sns:eu-central-1:123456789012:S-T",
      key: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:S-K-Local1",
    });
  });

  test("a function URL -> where it is served, or of the form that AWS gives it", () => {
    const templates = {
      S: {
        Resources: {
          U: { Type: "AWS::Lambda::Url" },
          X: { Type: "AWS::IAM::Role", Properties: { url: { "Fn::GetAtt": ["U", "FunctionUrl"] } } },
        },
      },
    };
    const urlOf = (assembly: ReturnType<typeof load>) =>
      assembly.resources("AWS::IAM::Role")[0]?.properties.url;
    const served = (name: string) => (name === "S-U" ? "http://127.0.0.1:1/" : undefined);
    expect(urlOf(loadAssembly(written(templates), { ...ACCOUNT, functionUrl: served }))).toBe(
      "http://127.0.0.1:1/",
    );
    expect(urlOf(load(templates))).toBe("https://s-u.lambda-url.eu-central-1.on.aws/");
  });

  test("a log group, which nothing here carries out -> still has a name and an ARN for those who refer to it", () => {
    const assembly = stack({
      L: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/aws/lambda/f" } },
      X: { Type: "AWS::IAM::Role", Properties: { arn: { "Fn::GetAtt": ["L", "Arn"] } } },
    });
    expect(assembly.resources("AWS::IAM::Role")[0]?.properties.arn).toBe(
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/f:*",
    );
    expect(assembly.notEmulated()).toEqual([{ type: "AWS::Logs::LogGroup", count: 1 }]);
  });
});

test("an export of a sibling stack, its name and value intrinsics -> Fn::ImportValue gives it", () => {
  const assembly = load({
    Uses: {
      Resources: { X: { Type: "AWS::IAM::Role", Properties: { arn: { "Fn::ImportValue": "Data:Arn" } } } },
    },
    Data: {
      Resources: { T: { Type: "AWS::DynamoDB::GlobalTable" } },
      Outputs: {
        Plain: { Value: "not exported" },
        Arn: {
          Value: { "Fn::GetAtt": ["T", "Arn"] },
          Export: { Name: { "Fn::Sub": `\${AWS::StackName}:Arn` } },
        },
      },
    },
  });
  expect(assembly.resources("AWS::IAM::Role")[0]?.properties.arn).toBe(
    "arn:aws:dynamodb:eu-central-1:123456789012:table/Data-T",
  );
});

test("types that are not carried out -> counted by name, the CDK's own bookkeeping left out", () => {
  const policy = { Type: "AWS::SQS::QueuePolicy" };
  const assembly = stack({
    A: policy,
    B: policy,
    C: { Type: "AWS::CloudWatch::Dashboard" },
    Q: queue,
    CDKMetadata: { Type: "AWS::CDK::Metadata" },
  });
  expect(assembly.notEmulated()).toEqual([
    { type: "AWS::CloudWatch::Dashboard", count: 1 },
    { type: "AWS::SQS::QueuePolicy", count: 2 },
  ]);
});

describe("what cannot be resolved", () => {
  const unknown = { "Fn::GetAtt": ["A", "Arn"] };
  const alarm = {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: { cidr: { "Fn::Cidr": ["10.0.0.0/8", 1, 8] } },
  };

  test("in a resource that nothing here carries out -> no error", () => {
    expect(stack({ A: alarm, Q: queue }).resources("AWS::SQS::Queue")).toHaveLength(1);
  });

  test("in one that is -> names stack, logical id, property path, and what it refers to", () => {
    const assembly = stack({ A: alarm, Q: { ...queue, Properties: { Tags: [{ Value: unknown }] } } });
    expect(() => assembly.resources("AWS::SQS::Queue")).toThrow(
      "S/Q.Tags[0].Value: refers to A, a AWS::CloudWatch::Dashboard, which is not emulated",
    );
  });

  const cases: [unknown, RegExp][] = [
    [{ Ref: "Nobody" }, /S\/Q\.at: the stack S has no Nobody/],
    [{ "Fn::GetAtt": ["Q", "Colour"] }, /S\/Q\.at: the attribute Q\.Colour is not known here/],
    [{ "Fn::ImportValue": "nothing" }, /S\/Q\.at: no stack of this assembly exports nothing/],
    [{ "Fn::Cidr": ["10.0.0.0/8", 1, 8] }, /S\/Q\.at: Fn::Cidr is not implemented/],
  ];
  test.each(cases)("%j", (at, message) => {
    expect(() => stack({ Q: { ...queue, Properties: { at } } }).resources("AWS::SQS::Queue")).toThrow(
      message,
    );
  });
});

describe("assets", () => {
  test("the S3 key of a function's code -> the folder that is uploaded", () => {
    const dir = written({ S: {} }, { "abc.zip": "asset.abc" });
    expect(loadAssembly(dir, ACCOUNT).assetDir("abc.zip", "S/F.Code")).toBe(join(dir, "asset.abc"));
  });

  test("an unknown key, or a folder that is gone -> says where and which", () => {
    const dir = written({ S: {} }, { "abc.zip": "asset.abc" });
    const assembly = loadAssembly(dir, ACCOUNT);
    expect(() => assembly.assetDir("xyz.zip", "S/F.Code")).toThrow(/S\/F\.Code: no asset .* xyz\.zip/);
    rmSync(join(dir, "asset.abc"), { recursive: true });
    expect(() => assembly.assetDir("abc.zip", "S/F.Code")).toThrow(/asset\.abc is missing; synthesize again/);
  });
});

describe("a folder that holds no usable assembly -> says what to do", () => {
  test("no manifest", () => {
    expect(() => loadAssembly("/nowhere", ACCOUNT)).toThrow(
      /manifest\.json cannot be read; synthesize again/,
    );
  });
  test("no stack", () => {
    expect(() => load({})).toThrow(/holds no stack; synthesize again/);
  });
  test.each(["Conditions", "Mappings", "Transform"])("a template with %s", (section) => {
    expect(() => load({ S: { Resources: {}, [section]: {} } })).toThrow(
      `S: ${section} in a template is not emulated`,
    );
  });
});

describe("what a template counts on and does not make -> there, since here is no account that has it", () => {
  const existing = { Type: "AWS::SES::EmailIdentity", Properties: { EmailIdentity: "a@b.example" } };
  const assembly = load({
    S: { Metadata: { "ha2m:existing": { Sender: existing } }, Resources: { Q: queue } },
    T: { Metadata: { anything: "else" }, Resources: { Q: queue } },
  });

  test("among the resources of its type, as if it stood there", () => {
    expect(assembly.resources("AWS::SES::EmailIdentity")).toEqual([
      expect.objectContaining({
        stack: "S",
        logicalId: "Sender",
        name: "a@b.example",
        arn: "arn:aws:ses:eu-central-1:123456789012:identity/a@b.example",
      }),
    ]);
  });

  test("told apart from what the templates make", () => {
    expect(assembly.existing("AWS::SES::EmailIdentity", "AWS::SQS::Queue")).toEqual(
      assembly.resources("AWS::SES::EmailIdentity"),
    );
    expect(assembly.resources("AWS::SQS::Queue").map(({ stack }) => stack)).toEqual(["S", "T"]);
  });
});
