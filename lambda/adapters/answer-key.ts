/** The key that links to answer are signed with, out of Secrets Manager. */
import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/**
 * Read at the first call, then kept for as long as the process lives: after the secret has changed, functions that are
 * at work know the old key until they are started anew. A failure is not kept.
 *
 * @returns the secret's text as UTF-8
 */
export function openAnswerKey(secretArn: string, client: SecretsManagerClient): () => Promise<Uint8Array> {
  let found: Promise<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) throw new Error(`the secret ${secretArn} holds no text`);
    return new TextEncoder().encode(SecretString);
  };
  return () => {
    found ??= read().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}
