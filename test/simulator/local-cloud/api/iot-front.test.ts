import { startIotFront } from "../../../../simulator/local-cloud/api/iot-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";

const ID = "a".repeat(64);
const SIGNED = { authorization: "AWS4-HMAC-SHA256 Credential=owner/20261121/us-east-1/iot/aws4_request" };

let front: Front;
const set: string[] = [];
beforeAll(async () => {
  front = await startIotFront({
    endpoint: () => "127.0.0.1:8883",
    arnPrefix: "arn:aws:iot:us-east-1:123456789012:",
    find: (id) =>
      id === ID ? { certPem: "PEM", status: "ACTIVE", thingName: "kitchen-0", policyNames: [] } : undefined,
    certificatesOf: () => undefined,
    setStatus: (id, status) => void set.push(`${id} ${status}`),
    rules: () => [],
    setRuleEnabled: () => false,
    refuse: () => undefined,
    onDenied: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
});
afterAll(() => front.stop());

async function answer(method: string, path: string, headers: Record<string, string> = SIGNED) {
  const response = await fetch(`${front.endpoint}${path}`, { method, headers });
  return [response.status, response.headers.get("x-amzn-errortype"), await response.json()];
}

test.each([
  ["GET", "/endpoint?endpointType=iot:Jobs", 400, "the endpoint iot:Jobs is not emulated; iot:Data-ATS is"],
  [
    "DELETE",
    `/certificates/${ID}`,
    400,
    `DELETE /certificates/${ID} is not emulated; these are: DescribeEndpoint`,
  ],
  ["GET", "/things/kitchen-0", 400, "GET /things/kitchen-0 is not emulated"],
  ["GET", "/things/pantry-0/principals", 404, "there is no thing pantry-0"],
  [
    "POST",
    "/attached-policies/us-east-1%3A1234",
    400,
    "policies of us-east-1:1234 are not emulated; those of certificates are",
  ],
  ["POST", "/rules/no_such/enable", 401, "Access to topic rule 'no_such' was denied"],
  ["GET", `/certificates/${"b".repeat(64)}`, 404, "there is no certificate b"],
  ["PUT", `/certificates/${ID}?newStatus=GONE`, 400, 'a certificate cannot be set to "GONE"'],
])("%s %s -> %d, and why", async (method, path, status, why) => {
  expect(await answer(method, path)).toMatchObject([
    status,
    expect.stringMatching(/Exception$/),
    { message: expect.stringContaining(why) },
  ]);
  expect(set).toEqual([]);
});

test("a request that is not signed -> 401", async () => {
  expect(await answer("GET", "/endpoint?endpointType=iot:Data-ATS", {})).toMatchObject([
    401,
    "UnauthorizedException",
    {},
  ]);
});
