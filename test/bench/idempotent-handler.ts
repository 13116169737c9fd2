/**
 * `send_cluster_mail` as it would be on Powertools idempotency: the same parsing, words, MIME and SES; instead of the
 * incident, one idempotency record an event about a death. It sends one mail a death and nothing else: no RESOLVED, no
 * reminders, no order among events. For cold-start.bench.ts alone.
 */
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { SESClient } from "@aws-sdk/client-ses";
import { openMailer } from "../../lambda/send_cluster_mail/adapters/ses-mailer.ts";
import { parseConfig } from "../../lambda/send_cluster_mail/core/config.ts";
import { parseInput } from "../../lambda/send_cluster_mail/core/input.ts";
import { renderMail } from "../../lambda/send_cluster_mail/core/mail/mail.ts";

const config = parseConfig(process.env);
const mailer = openMailer(new SESClient({}), async () => undefined);

export const handler = makeIdempotent(
  async (event: unknown): Promise<void> => {
    const { id, signal } = parseInput(event, 900_000);
    if (signal.signal !== "fires") return;
    const mail = renderMail(
      {
        id,
        kind: "firing",
        facts: signal.facts,
        episode: 1,
        thread: 1,
        sinceMs: signal.order.atMs,
        flaps: 0,
        flapping: false,
        reminders: 0,
        missed: 0,
        to: config.policy.channels[0]!.to,
        channel: "any-time",
        nowMs: signal.nowMs,
        claims: 1,
        priorUnconfirmed: false,
      },
      config,
    );
    await mailer.send(mail, () => false);
  },
  {
    persistenceStore: new DynamoDBPersistenceLayer({
      tableName: config.clustersTable,
      keyAttr: "cluster_id",
      sortKeyAttr: "item_key",
    }),
    config: new IdempotencyConfig({ eventKeyJmesPath: "[cluster_id, type, subject, term]" }),
  },
);
