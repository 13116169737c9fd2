import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { startSecretsFront } from "../../../../simulator/local-cloud/api/secrets-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-Local1";

let front: Front;
let client: SecretsManagerClient;
const asked: string[][] = [];
const denials: string[] = [];
let refusal: string | undefined;
beforeAll(async () => {
  front = await startSecretsFront({
    secrets: [{ name: "key", arn: ARN, value: "open sesame" }],
    refuse: (...call) => {
      asked.push(call);
      return refusal;
    },
    onDenied: (text) => denials.push(text),
    onError: (error) => denials.push(String(error)),
  });
  client = new SecretsManagerClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA1", secretAccessKey: "x" },
    maxAttempts: 1,
  });
});
beforeEach(() => {
  asked.length = 0;
  denials.length = 0;
  refusal = undefined;
});
afterAll(async () => {
  client.destroy();
  await front.stop();
});

test.each(["key", ARN])("the SDK asks for %s -> the secret's text", async (SecretId) => {
  const found = await client.send(new GetSecretValueCommand({ SecretId }));
  expect(found).toMatchObject({
    ARN,
    Name: "key",
    SecretString: "open sesame",
    VersionStages: ["AWSCURRENT"],
  });
  expect(asked).toEqual([["AKIA1", "secretsmanager:GetSecretValue", ARN]]);
});

test("the caller's role may not -> AccessDeniedException, and the log is told", async () => {
  refusal = "r is not authorized";
  await expect(client.send(new GetSecretValueCommand({ SecretId: "key" }))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: "r is not authorized",
  });
  expect(denials).toEqual(["AccessDeniedException: r is not authorized"]);
});

test("a secret that there is not -> ResourceNotFoundException, to whoever might read it", async () => {
  await expect(client.send(new GetSecretValueCommand({ SecretId: "other" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect(asked).toEqual([["AKIA1", "secretsmanager:GetSecretValue", "*"]]);
});

test("another operation -> refused by name", async () => {
  await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({
    name: "InvalidRequestException",
    message: '"secretsmanager.ListSecrets" is not emulated; secretsmanager.GetSecretValue is',
  });
});

test("a request without credentials -> refused", async () => {
  const answer = await fetch(front.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "secretsmanager.GetSecretValue" },
    body: '{"SecretId":"key"}',
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { __type: "MissingAuthenticationTokenException", Message: "the request is not signed" },
  ]);
});
