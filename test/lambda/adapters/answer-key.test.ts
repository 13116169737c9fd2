import { type GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { openAnswerKey } from "../../../lambda/adapters/answer-key.ts";

/** Answers with these in turn. */
function secrets(...replies: readonly (string | undefined | Error)[]) {
  const asked: unknown[] = [];
  const client = new SecretsManagerClient({ region: "us-east-1" });
  client.send = async (command: GetSecretValueCommand) => {
    const reply = replies[asked.push(command.input) - 1];
    if (reply instanceof Error) throw reply;
    return { SecretString: reply };
  };
  return { client, asked };
}

test("asked twice -> the secret is fetched once, as UTF-8", async () => {
  const { client, asked } = secrets("schlüssel");
  const key = openAnswerKey("arn:secret", client);
  expect(await Promise.all([key(), key()])).toEqual(
    [Buffer.from("schlüssel"), Buffer.from("schlüssel")].map((b) => new Uint8Array(b)),
  );
  expect(asked).toEqual([{ SecretId: "arn:secret" }]);
});

test("the first request fails -> an error, and the next call asks again", async () => {
  const { client, asked } = secrets(new Error("slow"), "k");
  const key = openAnswerKey("arn:secret", client);
  await expect(key()).rejects.toThrow("slow");
  expect(await key()).toHaveLength(1);
  expect(asked).toHaveLength(2);
});

test("a secret without text -> an error that names it", async () => {
  await expect(openAnswerKey("arn:secret", secrets(undefined).client)()).rejects.toThrow("arn:secret");
});
