import { Annotations, Match } from "aws-cdk-lib/assertions";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

const csr = (cluster: string, node: number, generation = 1) => ({
  cluster,
  node,
  generation,
  pem: `CSR of ${cluster}-${node}.${generation}`,
});

test("no CSRs -> no certificate, and a line that says what to do", () => {
  const { devices, stacks } = synthesize();
  devices.resourceCountIs("AWS::IoT::Certificate", 0);
  Annotations.fromStack(stacks.devices).hasInfo(
    "/Ha2mDevices",
    Match.stringLikeRegexp("no CSR yet for kitchen-0, kitchen-1, shed-2-0.*npm run provision -- CLUSTER"),
  );
});

describe("CSRs of one cluster, one of its nodes being rotated", () => {
  const csrs = [csr("kitchen", 0), csr("kitchen", 0, 2), csr("kitchen", 1)];
  const { devices, stacks } = synthesize(exampleConfig, csrs);

  test("-> an active certificate each", () => {
    expect(propertiesOf(devices, "AWS::IoT::Certificate")).toEqual(
      csrs.map(({ pem }) => ({ CertificateSigningRequest: pem, Status: "ACTIVE" })),
    );
  });

  test("-> each attached to its own thing and to the one policy, once both are there", () => {
    const ids = Object.keys(devices.findResources("AWS::IoT::Certificate"));
    const attached = (what: string) =>
      Object.values(devices.findResources(`AWS::IoT::${what}PrincipalAttachment`)).map(
        ({ Properties }) => Properties,
      );
    const principal = (i: number) => ({ "Fn::GetAtt": [ids[i], "Arn"] });
    expect(attached("Thing")).toEqual(
      ["kitchen-0", "kitchen-0", "kitchen-1"].map((ThingName, i) => ({ ThingName, Principal: principal(i) })),
    );
    expect(attached("Policy")).toEqual(
      [0, 1, 2].map((i) => ({ PolicyName: "ha2m-node", Principal: principal(i) })),
    );
    const waitsFor = Object.keys({
      ...devices.findResources("AWS::IoT::Policy"),
      ...devices.findResources("AWS::IoT::Thing"),
    });
    for (const type of ["Policy", "Thing"])
      for (const { DependsOn } of Object.values(
        devices.findResources(`AWS::IoT::${type}PrincipalAttachment`),
      ))
        expect(DependsOn).toEqual(expect.arrayContaining(waitsFor));
  });

  test("-> an output for each of its nodes that lists them by name, none for the cluster without", () => {
    const listed = Object.values(devices.findOutputs("*"))
      .map(({ Value }) => JSON.stringify(Value))
      .filter((value) => value.includes("-0=") || value.includes("-1="));
    expect(listed).toEqual([
      expect.stringMatching(/"kitchen-0=",\{"Ref":"\w+"\},",kitchen-0\.2=",\{"Ref":"\w+"\}\]/),
      expect.stringMatching(/"kitchen-1=",\{"Ref":"\w+"\}\]/),
    ]);
  });

  test("-> the line names those that have none", () => {
    Annotations.fromStack(stacks.devices).hasInfo(
      "/Ha2mDevices",
      Match.stringLikeRegexp("no CSR yet for shed-2-0, shed-2-1, shed-2-2,"),
    );
  });

  test("the first of the two taken away -> the other stays the certificate that it was", () => {
    const { devices: retired } = synthesize(exampleConfig, csrs.slice(1));
    const before = devices.toJSON().Resources;
    for (const [id, resource] of Object.entries(retired.findResources("AWS::IoT::Certificate")))
      expect(before[id]).toEqual(resource);
  });
});
