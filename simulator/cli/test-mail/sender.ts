/** The deployed function, as an operator asks it: lib/contract/operator.ts. */
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { type OperatorRequest, RecipientsReply, TestMailReply } from "../../../lib/contract/operator.ts";
import { DEPLOY } from "../shared/stack-outputs.ts";

/** Asks the deployed function for recipients and test mails. */
export interface Sender {
  recipients(): Promise<RecipientsReply>;
  /** One mail; SES's own limit (one a second in the sandbox) is waited for. */
  send(to: string): Promise<TestMailReply>;
}

/** The function was reached, and did not answer as it should. */
export class NotAnsweredError extends Error {
  override readonly name = "NotAnsweredError";
  readonly mend: string | undefined;
  constructor(text: string, mend: string | undefined) {
    super(text);
    this.mend = mend;
  }
}

/** How an answer is read. */
interface Reply<T> {
  safeParse(answer: unknown): { readonly success: boolean; readonly data?: T | undefined };
}

/** "Throttling: Maximum sending rate exceeded": a second later it is not. */
const TRIES = 4;
const PAUSE_MS = 1_100;

/** Both throw NotAnsweredError, and what the SDK throws. */
export function openSender(client: LambdaClient, functionName: string): Sender {
  async function ask<T>(request: OperatorRequest, reply: Reply<T>): Promise<T> {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: "RequestResponse",
        Payload: Buffer.from(JSON.stringify(request)),
      }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString("utf8") || "null");
    if (FunctionError !== undefined) throw failure(functionName, answer);
    const parsed = reply.safeParse(answer);
    if (parsed.success) return parsed.data as T;
    throw new NotAnsweredError(`${functionName} is another version: deploy this one`, DEPLOY);
  }

  return {
    recipients: () => ask({ source: "operator", type: "recipients" }, RecipientsReply),
    async send(to) {
      for (let tries = 1; ; tries += 1) {
        const reply = await ask({ source: "operator", type: "test-mail", to }, TestMailReply);
        if (reply.accepted || !/^Throttling/.test(reply.error) || tries === TRIES) return reply;
        await sleep(PAUSE_MS);
      }
    },
  };
}

function failure(functionName: string, answer: unknown): NotAnsweredError {
  const { errorType = "Error", errorMessage = "" } = (answer ?? {}) as {
    readonly errorType?: string;
    readonly errorMessage?: string;
  };
  // What a version without this says to a request that it does not know.
  return errorType === "EventUnreadable"
    ? new NotAnsweredError(`${functionName} is an earlier version, which sends no test mails: deploy`, DEPLOY)
    : new NotAnsweredError(`${functionName} failed with ${errorType}: ${errorMessage}`, undefined);
}
