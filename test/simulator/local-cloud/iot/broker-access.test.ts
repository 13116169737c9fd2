import {
  Access,
  type AccessRequest,
  type BrokerDevice,
  openSession,
  type Session,
} from "../../../../simulator/local-cloud/iot/broker-access.ts";
import {
  clientIdLimit,
  type Publication,
  subscribeLimit,
} from "../../../../simulator/local-cloud/iot/broker-limits.ts";

const device = (thingName: string): BrokerDevice<string> => ({
  thingName,
  attributes: { cluster: "kitchen", node: thingName.at(-1)! },
  policies: ["a policy"],
});
const DEVICES = new Map([
  ["certificate-0", device("kitchen-0")],
  ["certificate-1", device("kitchen-1")],
]);
const session = (clientId = "kitchen-0", certificateId = "certificate-0"): Session<string> =>
  openSession(clientId, certificateId, DEVICES)!;

/** Allows everything and remembers what it was asked. */
function recording() {
  const asked: AccessRequest[] = [];
  const access = new Access<string>(
    (_, request) => {
      asked.push(request);
      return { allowed: true };
    },
    { region: "eu-west-1", accountId: "123456789012" },
  );
  return { access, asked };
}

describe("which thing a connection is", () => {
  test("client id is the certificate's thing -> attached, with its attributes", () => {
    expect(session().connection).toEqual({
      clientId: "kitchen-0",
      certificateId: "certificate-0",
      attached: true,
      thingName: "kitchen-0",
      thingAttributes: { cluster: "kitchen", node: "0" },
    });
  });

  test("client id is another certificate's thing -> that thing, not attached", () => {
    const { connection } = session("kitchen-1");
    expect(connection).toMatchObject({
      attached: false,
      thingName: "kitchen-1",
      thingAttributes: { node: "1" },
    });
  });

  test("client id names no thing -> no thing, not attached", () => {
    expect(session("stranger").connection).toEqual({
      clientId: "stranger",
      certificateId: "certificate-0",
      attached: false,
    });
  });

  test("certificate is not registered -> no session", () => {
    expect(openSession("kitchen-0", "unknown", DEVICES)).toBeUndefined();
  });
});

test("each operation -> its action on its resource, judged by the certificate's policies", () => {
  const { access, asked } = recording();
  const publish = { topic: "a/b", payloadBytes: 0, qos: 1, retain: false } as const;
  const one = session();
  access.connect(one);
  access.publish(one, publish);
  access.subscribe(one, "a/+");
  access.receive(one, "a/b");
  expect(asked.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    "iot:Connect arn:aws:iot:eu-west-1:123456789012:client/kitchen-0",
    "iot:Publish arn:aws:iot:eu-west-1:123456789012:topic/a/b",
    "iot:Subscribe arn:aws:iot:eu-west-1:123456789012:topicfilter/a/+",
    "iot:Receive arn:aws:iot:eu-west-1:123456789012:topic/a/b",
  ]);
});

describe("publishes that no policy can allow", () => {
  const base: Publication = { topic: "a", payloadBytes: 1, qos: 1, retain: false };
  test.each<[string, Partial<Publication>, RegExp]>([
    ["QoS 2", { qos: 2 }, /QoS 0 and 1 only/],
    ["retain", { retain: true }, /iot:RetainPublish/],
    ["8 slashes behind a rule's name", { topic: "$aws/rules/readings/a/b/c/d/e/f/g/h/i" }, /8 slashes/],
    ["a reserved topic behind a rule's name", { topic: "$aws/rules/readings/$aws/x" }, /reserved topics/],
    ["a reserved topic", { topic: "$aws/things/kitchen-0/shadow/update" }, /reserved topics/],
    ["a byte over 128 KB", { payloadBytes: 131_073 }, /131073 bytes/],
    ["a topic of 257 bytes", { topic: "é".repeat(128).concat("x") }, /256 bytes/],
    ["8 slashes", { topic: "a/b/c/d/e/f/g/h/i" }, /8 slashes/],
  ])("%s -> refused by name, the policy is not asked", (_, change, text) => {
    const { access, asked } = recording();
    const decision = access.publish(session(), { ...base, ...change });
    expect(decision).toEqual({
      allowed: false,
      text: expect.stringMatching(text),
      reasonCode: expect.any(Number),
    });
    expect(asked).toEqual([]);
  });

  test.each<[string, Partial<Publication>]>([
    ["128 KB", { payloadBytes: 131_072 }],
    ["a topic of 256 bytes", { topic: "é".repeat(128) }],
    ["7 slashes", { topic: "a/b/c/d/e/f/g/h" }],
    ["7 slashes behind a rule's name", { topic: "$aws/rules/readings/a/b/c/d/e/f/g/h" }],
    ["256 bytes behind a rule's name", { topic: `$aws/rules/readings/${"é".repeat(128)}` }],
  ])("%s exactly -> within the limits", (_, change) => {
    expect(recording().access.publish(session(), { ...base, ...change })).toEqual({ allowed: true });
  });
});

test.each(["$SYS/#", "$aws/things/+/shadow/update", "$share/group/a"])(
  "subscription to %s -> refused",
  (filter) => {
    expect(recording().access.subscribe(session(), filter)).toEqual({
      allowed: false,
      text: expect.stringContaining(filter),
    });
  },
);

describe("filters", () => {
  test("7 slashes, 256 bytes -> granted; 8, 257 -> refused by name, the policy is not asked", () => {
    const { access, asked } = recording();
    expect(access.subscribe(session(), "a/b/c/d/e/f/g/+").allowed).toBe(true);
    expect(access.subscribe(session(), "b".repeat(256)).allowed).toBe(true);
    const many = access.subscribe(session(), "a/b/c/d/e/f/g/h/#");
    expect(many).toEqual({ allowed: false, text: expect.stringMatching(/filter with 8 slashes/) });
    expect(access.subscribe(session(), "b".repeat(257)).allowed).toBe(false);
    expect(asked).toHaveLength(2);
  });

  test("50 of a connection -> the 51st is refused, one of the 50 again is granted", () => {
    const { access } = recording();
    const one = session();
    for (let i = 0; i < 50; i++) expect(access.subscribe(one, `t/${i}`).allowed).toBe(true);
    expect(access.subscribe(one, "t/50")).toEqual({
      allowed: false,
      text: expect.stringMatching(/more than 50 subscriptions/),
    });
    expect(access.subscribe(one, "t/49").allowed).toBe(true);
    expect(access.subscribe(session(), "t/50").allowed).toBe(true);
  });

  test.each([
    ["a/#", "a", false],
    ["a/#", "a/", true],
    ["a/#", "a/b/c", true],
    ["+/b", "a/b", true],
    ["#", "$SYS/broker/new/clients", false],
  ])("%s, message on %s -> received: %s", (filter, topic, received) => {
    const { access } = recording();
    const one = session();
    access.subscribe(one, filter);
    expect(access.receive(one, topic)).toEqual(received ? { allowed: true } : undefined);
  });
});

test.each([
  ["8", 8, undefined],
  ["9", 9, expect.objectContaining({ text: expect.stringMatching(/9 filters/), reasonCode: 0x97 })],
])("%s filters in a SUBSCRIBE -> limit", (_, filters, limit) => {
  expect(subscribeLimit(filters)).toEqual(limit);
});

test.each([
  ["128 bytes", "é".repeat(64), undefined],
  ["130 bytes, 65 characters", "é".repeat(65), expect.objectContaining({ reasonCode: 0x85 })],
  ["no byte", "", expect.objectContaining({ text: expect.stringMatching(/without a client id/) })],
])("client id of %s -> limit", (_, clientId, limit) => {
  expect(clientIdLimit(clientId)).toEqual(limit);
});
