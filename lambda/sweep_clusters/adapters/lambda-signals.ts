/** Signals as asynchronous invocations of `send_cluster_mail`: Lambda queues, retries and keeps what fails. */
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Signals } from "../core/ports.ts";

/** Signals by asynchronous invocation of `send_cluster_mail`. */
export const openSignals = (FunctionName: string, client: LambdaClient): Signals => ({
  async give(signal) {
    await client.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: "Event",
        Payload: new TextEncoder().encode(JSON.stringify(signal)),
      }),
    );
  },
});
