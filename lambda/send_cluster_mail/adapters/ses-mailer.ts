/** Mail through Amazon SES, as raw MIME: only so can it carry References and Auto-Submitted. */
import { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import type { Mailer } from "../core/ports.ts";
import { toMime } from "./mime.ts";
import { clientLimits, SES_LIMITS } from "./time-limits.ts";

/** @param client by default one whose region and endpoint come from the environment, as the SDK reads it */
export const openMailer = (client = new SESClient(clientLimits(SES_LIMITS))): Mailer => ({
  async send(mail) {
    await client.send(
      new SendRawEmailCommand({
        Source: mail.from,
        Destinations: [...mail.to],
        RawMessage: { Data: await toMime(mail) },
      }),
    );
  },
});
