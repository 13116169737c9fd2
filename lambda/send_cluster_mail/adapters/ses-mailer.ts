/** Mail through Amazon SES, as raw MIME: only so can it carry References and Auto-Submitted. */
import { setTimeout } from "node:timers/promises";
import { type SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import { deliver } from "../core/delivery.ts";
import type { Mailer } from "../core/ports.ts";
import { toMime } from "./mime.ts";

/** Mails by SES, each request tried once (`SES_LIMITS`). */
export const openMailer = (client: SESClient): Mailer => ({
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
      pause: setTimeout,
    }),
});
