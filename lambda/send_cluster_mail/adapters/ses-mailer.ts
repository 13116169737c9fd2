/** Mail through Amazon SES, as raw MIME: only so can it carry References and Auto-Submitted. */
import { type SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import type { Mailer } from "../core/ports.ts";
import { toMime } from "./mime.ts";

export const openMailer = (client: SESClient): Mailer => ({
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
