/** The SDK's client against the local cloud's front, and the errors that a person reads. */
import { openIot } from "../../../../simulator/cli/provision/iot-account.ts";
import { startIotFront } from "../../../../simulator/local-cloud/api/iot-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import { createCertificateAuthority } from "../../../../simulator/local-cloud/iot/certificates.ts";
import { outputsOf } from "./folders-fixture.ts";

const ID = "a".repeat(64);
const OUTPUTS = outputsOf({});

let front: Front;
let certPem: string;
const statuses = new Map([[ID, "ACTIVE"]]);
let denied: string[] = [];
const before = { ...process.env };
beforeAll(async () => {
  const authority = await createCertificateAuthority(Date.UTC(2026, 10, 20));
  ({ certPem } = await authority.issueDevice("kitchen-0"));
  front = await startIotFront({
    endpoint: () => "127.0.0.1:8883",
    arnPrefix: "arn:aws:iot:us-east-1:123456789012:",
    find: (id) =>
      statuses.has(id)
        ? { certPem, status: statuses.get(id)!, thingName: "kitchen-0", policyNames: [] }
        : undefined,
    certificatesOf: () => [ID],
    setStatus: (id, status) => void statuses.set(id, status),
    rules: () => [],
    setRuleEnabled: () => false,
    refuse: (key, action, resource) => (key === "weak" ? `${key} may not ${action} ${resource}` : undefined),
    onDenied: (text) => denied.push(text),
    onError: (error) => {
      throw error;
    },
  });
});
beforeEach(() => {
  denied = [];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_IOT: front.endpoint,
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "local",
  });
});
afterEach(() => {
  process.env = { ...before };
});
afterAll(() => front.stop());

const opened = () => openIot(OUTPUTS, {});

test("endpoint, a certificate, its status -> as AWS answers", async () => {
  const account = opened();
  expect(await account.dataEndpoint()).toBe("127.0.0.1:8883");
  expect(await account.certificate(ID)).toEqual({ pem: certPem, status: "ACTIVE" });
  await account.setStatus(ID, "REVOKED");
  expect(await account.certificate(ID)).toEqual({ pem: certPem, status: "REVOKED" });
  expect(denied).toEqual([]);
  account.close();
});

test("a certificate that the account does not have -> asks for the account and the last deploy", async () => {
  const account = opened();
  await expect(account.certificate("b".repeat(64))).rejects.toThrow(
    /cannot be read in us-east-1: ResourceNotFoundException.*account.*AWS_PROFILE/,
  );
  expect(denied).toEqual([expect.stringMatching(/^ResourceNotFoundException: there is no certificate b+$/)]);
  account.close();
});

test("credentials that may not -> names the permissions", async () => {
  process.env.AWS_ACCESS_KEY_ID = "weak";
  const account = opened();
  await expect(account.setStatus(ID, "INACTIVE")).rejects.toThrow(
    /weak may not iot:UpdateCertificate arn:aws:iot:us-east-1:123456789012:cert\/a+\. .*iot:UpdateCertificate are needed/,
  );
  account.close();
});

test("a region of the environment's that is not the deploy's -> refused, naming both", () => {
  expect(() => openIot(OUTPUTS, { AWS_REGION: "eu-west-1" })).toThrow(
    "AWS_REGION is eu-west-1, but cdk-outputs.json is of a deploy to us-east-1: unset it, or give that region's file with --outputs",
  );
  expect(() => openIot(OUTPUTS, { AWS_DEFAULT_REGION: "us-east-1", AWS_REGION: "" }).close()).not.toThrow();
});
