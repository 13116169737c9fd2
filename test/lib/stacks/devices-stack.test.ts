import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

const { devices } = synthesize();
const IOT = "arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>";

test("clusters of two and three nodes -> five things that know their cluster and node", () => {
  const thing = (cluster: string, node: string) => ({
    ThingName: `${cluster}-${node}`,
    AttributePayload: { Attributes: { cluster, node } },
  });
  expect(propertiesOf(devices, "AWS::IoT::Thing")).toEqual([
    thing("kitchen", "0"),
    thing("kitchen", "1"),
    thing("shed-2", "0"),
    thing("shed-2", "1"),
    thing("shed-2", "2"),
  ]);
});

test("the policy -> connect as the attached thing, publish to its own two topics, and nothing else", () => {
  const ownTopic = (channel: string) =>
    `${IOT}:topic/rosie/${channel}/\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`;
  expect(propertiesOf(devices, "AWS::IoT::Policy")).toEqual([
    {
      PolicyName: "ha2m-node",
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "iot:Connect",
            Resource: `${IOT}:client/\${iot:Connection.Thing.ThingName}`,
            Condition: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
          },
          { Effect: "Allow", Action: "iot:Publish", Resource: [ownTopic("event"), ownTopic("reading")] },
        ],
      },
    },
  ]);
});

test("readings by Basic Ingest -> publish to the own topic behind the rule's name as well, and nothing else", () => {
  const { devices: ingesting } = synthesize({ ...exampleConfig, readings: { basic_ingest: true } });
  const resourcesOf = (template: typeof devices) =>
    propertiesOf(template, "AWS::IoT::Policy").flatMap(({ PolicyDocument }) =>
      (PolicyDocument as { Statement: { Resource: string | string[] }[] }).Statement.flatMap(
        ({ Resource }) => Resource,
      ),
    );
  const own = `rosie/reading/\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`;
  expect(resourcesOf(ingesting).filter((arn) => !resourcesOf(devices).includes(arn))).toEqual([
    `${IOT}:topic/$aws/rules/ha2m_readings/${own}`,
  ]);
  expect(resourcesOf(ingesting)).toEqual(expect.arrayContaining(resourcesOf(devices)));
});

test("outputs -> the things, their policy, and the region that they connect to", () => {
  devices.hasOutput("Things", { Value: "kitchen-0,kitchen-1,shed-2-0,shed-2-1,shed-2-2" });
  devices.hasOutput("DevicePolicy", { Value: "ha2m-node" });
  devices.hasOutput("Region", { Value: { Ref: "AWS::Region" } });
});
