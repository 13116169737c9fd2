/** The model of an account itself: that it does refuse, keep and lose what CloudFormation would. */
import { rmSync } from "node:fs";
import { writeAssembly } from "../simulator/local-cloud/template/assembly-fixture.ts";
import { Account, type TemplateResource } from "./support/account.ts";
import { protect } from "./support/written-assembly.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Resources = Readonly<Record<string, TemplateResource>>;
const stackOf = (resources: Resources, more: object = {}) => ({ Resources: resources, ...more });
const written = (stacks: Readonly<Record<string, object>>): string => {
  const dir = writeAssembly(stacks as never);
  folders.push(dir);
  return dir;
};

const thing = (ThingName: string): TemplateResource => ({
  Type: "AWS::IoT::Thing",
  Properties: { ThingName },
});
const identity = (EmailIdentity: string, policies: Partial<TemplateResource> = {}): TemplateResource => ({
  Type: "AWS::SES::EmailIdentity",
  Properties: { EmailIdentity },
  ...policies,
});
const table = (DeletionPolicy: "Delete" | "Retain"): TemplateResource => ({
  Type: "AWS::DynamoDB::GlobalTable",
  Properties: { Replicas: [{ DeletionProtectionEnabled: true }] },
  DeletionPolicy,
});

test("a first create that fails -> rolled back; the next deploy deletes the stack and makes it", () => {
  const account = new Account();
  account.make("AWS::IoT::Thing", "k-0");
  const failing = written({ S: stackOf({ A: thing("k-1"), B: thing("k-0") }) });
  expect(() => account.deploy(failing)).toThrow(
    "S ROLLBACK_COMPLETE: Resource of type 'AWS::IoT::Thing' with identifier 'k-0' already exists.",
  );
  expect(account.resources).toEqual(["AWS::IoT::Thing k-0"]);
  account.deploy(written({ S: stackOf({ A: thing("k-1") }) }));
  expect([account.statusOf("S"), account.resources]).toEqual([
    "CREATE_COMPLETE",
    ["AWS::IoT::Thing k-0", "AWS::IoT::Thing k-1"],
  ]);
});

test("the same in an app that protects its stack -> locked: it can neither be deployed nor deleted", () => {
  const account = new Account();
  account.make("AWS::IoT::Thing", "k-0");
  const failing = protect(written({ S: stackOf({ B: thing("k-0") }) }));
  expect(() => account.deploy(failing)).toThrow(/ROLLBACK_COMPLETE/);
  const locked = "Stack [S] cannot be deleted while TerminationProtection is enabled";
  expect(() => account.deploy(protect(written({ S: stackOf({ B: thing("k-1") }) })))).toThrow(locked);
  expect(() => account.destroy("S")).toThrow(locked);
});

test.each([
  ["Retain", ["AWS::SES::EmailIdentity a@b.example", "AWS::IoT::Thing k-0"]],
  ["RetainExceptOnCreate", ["AWS::IoT::Thing k-0"]],
  ["Delete", ["AWS::IoT::Thing k-0"]],
] as const)("a create that fails, of a resource to %s -> what is left of it", (DeletionPolicy, left) => {
  const account = new Account();
  account.make("AWS::IoT::Thing", "k-0");
  const failing = written({
    S: stackOf({ A: identity("a@b.example", { DeletionPolicy }), B: thing("k-0") }),
  });
  expect(() => account.deploy(failing)).toThrow(/already exists/);
  expect(account.resources).toEqual([...left].sort());
});

test.each([
  [{}, ["AWS::SES::EmailIdentity c@b.example"]],
  [
    { UpdateReplacePolicy: "Retain" },
    ["AWS::SES::EmailIdentity a@b.example", "AWS::SES::EmailIdentity c@b.example"],
  ],
] as const)("another name, with %j -> the old one deleted or kept", (policies, left) => {
  const account = new Account();
  account.deploy(written({ S: stackOf({ A: identity("a@b.example", policies) }) }));
  account.deploy(written({ S: stackOf({ A: identity("c@b.example", policies) }) }));
  expect(account.resources).toEqual(left);
});

test("an update that fails -> as it was before", () => {
  const account = new Account();
  account.make("AWS::IoT::Thing", "k-9");
  account.deploy(written({ S: stackOf({ A: thing("k-0") }) }));
  expect(() =>
    account.deploy(written({ S: stackOf({ A: thing("k-0"), B: thing("k-1"), C: thing("k-9") }) })),
  ).toThrow("S UPDATE_ROLLBACK_COMPLETE: ");
  expect(account.resources).toEqual(["AWS::IoT::Thing k-0", "AWS::IoT::Thing k-9"]);
  account.deploy(written({ S: stackOf({ A: thing("k-0"), B: thing("k-1") }) }));
  expect(account.statusOf("S")).toBe("UPDATE_COMPLETE");
});

test("a protected table -> goes with its stack only when it is kept", () => {
  const account = new Account();
  account.deploy(written({ S: stackOf({ A: table("Delete") }), T: stackOf({ A: table("Retain") }) }));
  expect(() => account.destroy("S")).toThrow(/currently protected: S-A-/);
  account.destroy("T");
  expect(account.named("AWS::DynamoDB::GlobalTable")).toHaveLength(2);
});

test("an export that another stack uses -> neither taken away nor deleted with its stack", () => {
  const account = new Account();
  const exporting = { Outputs: { Out: { Value: "v", Export: { Name: "S:Out" } } } };
  const importing = { Outputs: { Used: { Value: { "Fn::ImportValue": "S:Out" } } } };
  account.deploy(
    written({ S: stackOf({ A: thing("k-0") }, exporting), T: stackOf({ A: thing("k-1") }, importing) }),
  );
  const inUse = /Cannot delete export S:Out as it is in use by T\./;
  expect(() => account.deploy(written({ S: stackOf({ A: thing("k-0") }) }))).toThrow(inUse);
  expect(() => account.destroy("S")).toThrow(inUse);
  account.destroy("T");
  account.destroy("S");
  expect(account.resources).toEqual([]);
});

test("the same name in another region -> beside it, unless it is one for the account; a type without a known name -> refused", () => {
  const account = new Account();
  const dashboard = { Type: "AWS::CloudWatch::Dashboard", Properties: { DashboardName: "d" } };
  account.deploy(written({ S: stackOf({ A: thing("k-0") }) }));
  account.deploy(written({ S: stackOf({ A: thing("k-0") }) }), "eu-west-1");
  account.deploy(written({ D: stackOf({ A: dashboard }) }));
  expect(() => account.deploy(written({ D: stackOf({ A: dashboard }) }), "eu-west-1")).toThrow(
    /'AWS::CloudWatch::Dashboard' with identifier 'd' already exists/,
  );
  expect(() => account.deploy(written({ X: stackOf({ A: { Type: "AWS::S3::Bucket" } }) }))).toThrow(
    /AWS::S3::Bucket: is there a property that names it\?/,
  );
});
