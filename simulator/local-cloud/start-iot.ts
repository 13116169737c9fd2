/** Starts AWS IoT: the topic rules, the intake of messages, and the broker. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Front } from "./api/server.ts";
import type { CloudContext } from "./cloud-context.ts";
import { clientFor } from "./dynamodb-client.ts";
import type { Functions } from "./functions/template-functions.ts";
import { inProcess } from "./in-process.ts";
import { type Broker, startBroker } from "./iot/broker.ts";
import type { Identities } from "./iot/identities.ts";
import { Intake } from "./iot/intake.ts";
import { TopicRules } from "./iot/topic-rules.ts";
import { decideIot, type IotPolicy } from "./policy/iot.ts";
import type { Messaging } from "./start-messaging.ts";

/** The topic rules of the template, and what takes messages to them. */
export interface RulesPart {
  readonly rules: TopicRules;
  readonly intake: Intake;
}

/**
 * Compiles the rules of the template.
 * @throws TemplateError or SqlError when a rule has something that is not emulated
 */
export function startRules(
  { assembly, roles, chaos, clock, log, onStop }: CloudContext,
  { send, alarms }: Messaging,
  functions: Functions,
  dynamodb: Front,
): RulesPart {
  const clients = new Map<string, DynamoDBClient>();
  const rules = new TopicRules(
    assembly.resources("AWS::IoT::TopicRule"),
    {
      dynamoDb: (roleArn) => {
        const key = roles.accessKeyId(roleArn);
        const client = clients.get(roleArn) ?? clientFor(dynamodb.endpoint, key, inProcess(dynamodb));
        clients.set(roleArn, client);
        return client;
      },
      invoke: (functionArn, ruleArn, payload) => functions.invokeByRule("iot", functionArn, ruleArn, payload),
      send,
    },
    clock,
    log,
    chaos,
    alarms,
  );
  onStop(() => rules.stop());
  const intake = new Intake({ rules, functions, clock, log });
  onStop(() => {
    for (const client of clients.values()) client.destroy();
  });
  return { rules, intake };
}

/**
 * Starts the broker, which gives the messages that it accepts to the rules.
 * @throws PortError when the port is taken
 */
export function startIot(
  { assembly, clock, log, started }: CloudContext,
  intake: Intake,
  identities: Identities,
  port: number,
): Promise<Broker> {
  return started(
    startBroker<IotPolicy>({
      port,
      server: identities.server,
      caPem: identities.caPem,
      caPath: identities.caPath,
      clock,
      log,
      devices: identities.devices,
      authorize: decideIot,
      arn: assembly.account,
      onPublish: (message) => intake.accept(message),
      admit: (task) => intake.admit(task),
    }),
  );
}
