// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like that
import {
  compileIotPolicy,
  decideIot,
  type IotAction,
  type IotConnection,
} from "../../../../simulator/local-cloud/policy/iot.ts";

const arn = (rest: string) => `arn:aws:iot:us-east-1:123456789012:${rest}`;
const policyOf = (...Statement: unknown[]) =>
  compileIotPolicy({ Version: "2012-10-17", Statement }, "policy nodes");
const kitchen0: IotConnection = {
  clientId: "kitchen-0",
  thingName: "kitchen-0",
  certificateId: "c0ffee",
  attached: true,
  thingAttributes: { cluster: "kitchen", node: "0" },
};
const ask = (
  policy: ReturnType<typeof policyOf>,
  action: IotAction,
  resource: string,
  connection: Partial<IotConnection> = {},
) => decideIot([policy], { action, resource: arn(resource), connection: { ...kitchen0, ...connection } });

/** As the template holds it: client id = thing name, topics pinned to the thing's attributes. */
const node = policyOf(
  {
    Effect: "Allow",
    Action: "iot:Connect",
    Resource: arn("client/${iot:Connection.Thing.ThingName}"),
    Condition: { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } },
  },
  {
    Effect: "Allow",
    Action: "iot:Publish",
    Resource: ["reading", "event"].map((channel) =>
      arn(
        `topic/rosie/${channel}/\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`,
      ),
    ),
  },
);

describe("a node's policy", () => {
  test.each<[string, IotAction, string, Partial<IotConnection>, boolean]>([
    ["its own name", "iot:Connect", "client/kitchen-0", {}, true],
    ["another node's name", "iot:Connect", "client/kitchen-1", { clientId: "kitchen-1" }, false],
    [
      "its own name, but the certificate is not attached",
      "iot:Connect",
      "client/kitchen-0",
      { attached: false },
      false,
    ],
    [
      "its own name, but the certificate belongs to another thing",
      "iot:Connect",
      "client/kitchen-0",
      { thingName: "shed-0" },
      false,
    ],
    ["its own readings", "iot:Publish", "topic/rosie/reading/kitchen/0", {}, true],
    ["its own events", "iot:Publish", "topic/rosie/event/kitchen/0", {}, true],
    ["another node's readings", "iot:Publish", "topic/rosie/reading/kitchen/1", {}, false],
    ["below its own topic", "iot:Publish", "topic/rosie/reading/kitchen/0/x", {}, false],
    ["to subscribe", "iot:Subscribe", "topicfilter/rosie/reading/kitchen/0", {}, false],
    [
      "a thing without attributes",
      "iot:Publish",
      "topic/rosie/reading/kitchen/0",
      { thingAttributes: {} },
      false,
    ],
    [
      "an attribute that is a wildcard",
      "iot:Publish",
      "topic/rosie/reading/shed/0",
      { thingAttributes: { cluster: "*", node: "0" } },
      false,
    ],
  ])("%s -> decided", (_title, action, resource, connection, allowed) => {
    expect(ask(node, action, resource, connection).allowed).toBe(allowed);
  });
  test("refused -> a text that names client, certificate, action and resource", () => {
    expect(ask(node, "iot:Publish", "topic/rosie/reading/kitchen/1")).toEqual({
      allowed: false,
      why: "no-statement-allows",
      text:
        'client "kitchen-0" with certificate c0ffee is not authorized to perform iot:Publish on ' +
        `"${arn("topic/rosie/reading/kitchen/1")}": none of the 2 statement(s) allows it`,
    });
  });
  test("allowed -> names the statement", () => {
    expect(ask(node, "iot:Connect", "client/kitchen-0")).toEqual({
      allowed: true,
      by: "policy nodes: Statement[0]",
    });
  });
  test("a client id or a topic with a line break -> the text stays on one line", () => {
    const decision = ask(node, "iot:Publish", "topic/a\nb", { clientId: "x\ny" });
    expect(decision).toHaveProperty("text", expect.not.stringContaining("\n"));
  });
});

describe("a client id as a policy variable", () => {
  const own = policyOf({
    Effect: "Allow",
    Action: ["iot:Publish", "iot:Subscribe"],
    Resource: [arn("topic/my/${iot:ClientId}/*"), arn("topicfilter/my/${iot:ClientId}/topic")],
  });
  test.each([
    ["*", "topic/my/other/x", false, "a * from the client is no wildcard"],
    ["?ther", "topic/my/other/x", false, "a ? from the client is no wildcard"],
    ["*", "topic/my/*/x", true, "it is that character"],
    ["${iot:CertificateId}", "topic/my/c0ffee/x", false, "it is not read as a variable"],
    ["a/b", "topic/my/a/b/x", true, "a slash is a character like any other"],
  ])("%s on %s -> %s: %s", (clientId, resource, allowed) => {
    expect(ask(own, "iot:Publish", resource, { clientId }).allowed).toBe(allowed);
  });
  test("+ as the client id -> that character (basic-policy-variables warns of what MQTT makes of it)", () => {
    expect(ask(own, "iot:Subscribe", "topicfilter/my/+/topic", { clientId: "+" }).allowed).toBe(true);
    expect(ask(own, "iot:Subscribe", "topicfilter/my/other/topic", { clientId: "+" }).allowed).toBe(false);
  });
});

/** Resource pattern, what is asked, allowed: * and ? are wildcards, + and # are not (pub-sub-policy). */
test.each([
  ["some/+/topic", "some/+/topic", true],
  ["some/+/topic", "some/x/topic", false],
  ["some/#", "some/x", false],
  ["some/*", "some/x/y", true],
  ["some/*/topic", "some/#/topic", true],
  ["room?", "room1", true],
  ["room?", "room12", false],
  ["room${*}", "room*", true],
  ["room${*}", "room1", false],
])("topicfilter/%s, asked %s -> %s", (pattern, filter, allowed) => {
  const policy = policyOf({ Effect: "Allow", Action: "iot:*", Resource: arn(`topicfilter/${pattern}`) });
  expect(ask(policy, "iot:Subscribe", `topicfilter/${filter}`).allowed).toBe(allowed);
});

test("two policies, one denies -> the deny wins over the other's allow", () => {
  const all = policyOf({ Effect: "Allow", Action: "*", Resource: "*" });
  const notBar = policyOf({
    Effect: "Deny",
    Action: "iot:Publish",
    Resource: arn("topic/${iot:ClientId}/bar"),
  });
  const decision = (topic: string) =>
    decideIot([all, notBar], {
      action: "iot:Publish",
      resource: arn(`topic/kitchen-0/${topic}`),
      connection: kitchen0,
    });
  expect(decision("foo").allowed).toBe(true);
  expect(decision("bar")).toMatchObject({ allowed: false, why: "explicit-deny" });
});

test("a variable without a value -> the statement does not match, whatever else it lists", () => {
  const policy = policyOf({
    Effect: "Allow",
    Action: "iot:Publish",
    Resource: [arn("topic/open"), arn("topic/${iot:Connection.Thing.ThingName}")],
  });
  expect(ask(policy, "iot:Publish", "topic/open").allowed).toBe(true);
  expect(ask(policy, "iot:Publish", "topic/open", { attached: false }).allowed).toBe(false);
});

test("a hostile topic against many wildcards -> decided at once", () => {
  const policy = policyOf({
    Effect: "Allow",
    Action: "iot:Publish",
    Resource: arn(`topic/${"*a".repeat(60)}b`),
  });
  expect(ask(policy, "iot:Publish", `topic/${"a".repeat(20_000)}`).allowed).toBe(false);
});

const statement = (more: object) => ({ Effect: "Allow", Action: "iot:Publish", Resource: "*", ...more });

test.each<[string, object, RegExp]>([
  [
    "a certificate's subject",
    { Resource: arn("topic/${iot:Certificate.Subject.CommonName}") },
    /iot:Certificate\.Subject\.CommonName is not emulated/,
  ],
  [
    "the thing's type",
    { Resource: arn("topic/${iot:Connection.Thing.ThingTypeName}") },
    /ThingTypeName is not emulated/,
  ],
  [
    "a variable in another case",
    { Resource: arn("topic/${iot:clientid}") },
    /iot:clientid is not emulated.*iot:ClientId/,
  ],
  [
    "an unknown condition key",
    { Condition: { StringEquals: { "iot:DomainName": "x" } } },
    /iot:DomainName is not emulated/,
  ],
  [
    "an action that the broker does not decide",
    { Action: "iot:GetThingShadow" },
    /iot:GetThingShadow is none/,
  ],
  [
    "what a CONNECT holds",
    { Condition: { "ForAllValues:StringEquals": { "iot:ConnectAttributes": "LastWill" } } },
    /iot:ConnectAttributes is not emulated/,
  ],
  [
    "a Deny for the thing's own topics",
    { Effect: "Deny", Resource: arn("topic/${iot:Connection.Thing.ThingName}/admin") },
    /a Deny with \$\{iot:Connection\.Thing\.ThingName\} is not emulated/,
  ],
  [
    "a Deny by an attribute, in a list of others",
    { Effect: "Deny", Resource: [arn("topic/a"), arn("topic/${iot:Connection.Thing.Attributes[room]}")] },
    /a Deny with \$\{iot:Connection\.Thing\.Attributes\[room\]\}/,
  ],
  ["a misspelt action", { Action: ["iot:Publish", "iot:Pubish"] }, /iot:Pubish is none/],
  ["another service", { Action: "ses:*" }, /ses:\* is none/],
])("%s -> refused at load", (_title, more, reason) => {
  const load = () => policyOf(statement(more));
  expect(load).toThrow(expect.objectContaining({ name: "PolicyError", code: "policy-unsupported" }));
  expect(load).toThrow(reason);
  expect(load).toThrow(/^policy nodes: Statement\[0\]/);
});

test("a Deny with what every connection has -> denies", () => {
  const policy = policyOf(
    statement({}),
    statement({ Effect: "Deny", Resource: arn("topic/${iot:ClientId}/admin") }),
  );
  expect(ask(policy, "iot:Publish", "topic/kitchen-0/admin")).toMatchObject({ why: "explicit-deny" });
  expect(ask(policy, "iot:Publish", "topic/kitchen-1/admin").allowed).toBe(true);
});

test("iot:RetainPublish -> a right of its own", () => {
  const retains = policyOf(
    statement({ Action: ["iot:Publish", "iot:RetainPublish"], Resource: arn("topic/a") }),
  );
  expect(ask(retains, "iot:RetainPublish", "topic/a").allowed).toBe(true);
  expect(ask(retains, "iot:RetainPublish", "topic/b").allowed).toBe(false);
  expect(ask(policyOf(statement({})), "iot:RetainPublish", "topic/a").allowed).toBe(false);
  expect(ask(policyOf(statement({ Action: "iot:*" })), "iot:RetainPublish", "topic/a").allowed).toBe(true);
});

test("NotResource, as the guide keeps a part of a topic from a subscriber -> all but that part is received", () => {
  const policy = policyOf({
    Effect: "Allow",
    Action: "iot:Receive",
    NotResource: arn("topic/a/restricted/*"),
  });
  expect(ask(policy, "iot:Receive", "topic/a/b").allowed).toBe(true);
  expect(ask(policy, "iot:Receive", "topic/a/restricted/b").allowed).toBe(false);
});
