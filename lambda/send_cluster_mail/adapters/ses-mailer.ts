/** Mail through Amazon SES, as raw MIME: only so can it carry References and Auto-Submitted. */
import { type SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import { type Delivery, deliver } from "../core/delivery.ts";
import type { Mailer } from "../core/ports.ts";
import { toMime } from "./mime.ts";

/** Mails by SES, each request tried once (`SES_LIMITS`). @param pause waits for so many ms, where SES has a rate */
export const openMailer = (client: SESClient, pause: Delivery["pause"]): Mailer => ({
  send: (mail, hasTime) =>
    deliver(mail.to, {
      attempt: async (to) => {
        const { MessageId } = await client.send(
          new SendRawEmailCommand({
            Source: mail.from,
            Destinations: [...to],
            RawMessage: { Data: await toMime({ ...mail, to }) },
          }),
        );
        return MessageId;
      },
      hasTime,
      pause,
    }),
});
