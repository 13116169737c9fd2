/**
 * The actions of a topic rule, carried out with the rights of the action's own role.
 *
 * Emulated: dynamoDBv2, lambda, sqs, and as errorAction sqs. Refused by name when the rule is loaded: any other action,
 * any property of these that is not listed here, and a substitution template `${…}` in one. Not emulated: batch mode,
 * action retries, quotas. Deviation: a function reads numbers as doubles, and the record of an invocation that failed
 * has them as the function had them; AWS's record has them as they were sent.
 */
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { attributeValues } from "../attribute-values.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { only, type Properties, record, text } from "../template/properties.ts";
import { jsonText, plainJson } from "./iot-sql/json.ts";
import type { SqlObject } from "./iot-sql/values.ts";

/** One action in the template: an object with exactly one key, its kind. */
export type ActionProperties = Readonly<Record<string, unknown>>;

/** What an action needs of the rest of the cloud. */
export interface ActionPorts {
  /** A client whose calls are made with this role's rights. */
  dynamoDb(roleArn: string): DynamoDBClient;
  /** @throws Error when the function's resource policy does not allow this rule */
  invoke(functionArn: string, ruleArn: string, payload: unknown): void;
  /** @throws Error when the role may not send to the queue */
  send(queueUrl: string, roleArn: string, body: string): void;
}

/** An action that is ready to run. */
export interface Action {
  /** As AWS names it in an error record: `DynamoDBv2Action`. */
  readonly name: string;
  readonly resource: string;
  run(selected: SqlObject): Promise<void>;
}

type Build = (properties: Properties, ports: ActionPorts, ruleArn: string, where: string) => Action;

const BUILDERS: Readonly<Record<string, Build>> = {
  DynamoDBv2: dynamoDbV2,
  Lambda: lambda,
  Sqs: sqs,
};

/** Prepares an action. @throws TemplateError when its kind, or one of its properties, is not emulated */
export function compileAction(
  action: ActionProperties,
  ports: ActionPorts,
  ruleArn: string,
  where: string,
): Action {
  const kinds = Object.keys(action);
  const [kind] = kinds;
  if (kind === undefined || kinds.length !== 1)
    throw new TemplateError(
      `${where}: an action object holds exactly one action, not ${kinds.length} (${kinds.join(", ")})`,
    );
  const build = BUILDERS[kind];
  if (build === undefined)
    throw new TemplateError(
      `${where}: the action ${kind} is not emulated; these are: ${Object.keys(BUILDERS).join(", ")}`,
    );
  refuseTemplates(action[kind], `${where}.${kind}`);
  return build(record(action[kind], where), ports, ruleArn, where);
}

/** Refuses "substitution templates": AWS evaluates them for each message; here they would be used as a name. */
function refuseTemplates(value: unknown, where: string): void {
  if (typeof value === "string" && value.includes("${"))
    throw new TemplateError(
      `${where}: the substitution template in "${value}" is not emulated; write what it stands for, or select it in the rule's SQL`,
    );
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseTemplates(inner, `${where}.${name}`);
}

function dynamoDbV2(properties: Properties, ports: ActionPorts, _: string, where: string): Action {
  only(properties, ["PutItem", "RoleArn"], where);
  const table = text(record(properties.PutItem, where), "TableName", where);
  const client = ports.dynamoDb(text(properties, "RoleArn", where));
  return {
    name: "DynamoDBv2Action",
    resource: table,
    run: async (selected) => {
      await client.send(new PutItemCommand({ TableName: table, Item: attributeValues(selected) }));
    },
  };
}

function lambda(properties: Properties, ports: ActionPorts, ruleArn: string, where: string): Action {
  only(properties, ["FunctionArn"], where);
  const functionArn = text(properties, "FunctionArn", where);
  return {
    name: "LambdaAction",
    resource: functionArn,
    run: async (selected) => ports.invoke(functionArn, ruleArn, plainJson(selected)),
  };
}

function sqs(properties: Properties, ports: ActionPorts, _: string, where: string): Action {
  only(properties, ["QueueUrl", "RoleArn", "UseBase64"], where);
  if (properties.UseBase64 === true) throw new TemplateError(`${where}: UseBase64 is not emulated`);
  const queueUrl = text(properties, "QueueUrl", where);
  const roleArn = text(properties, "RoleArn", where);
  return {
    name: "SqsAction",
    resource: queueUrl,
    run: async (selected) => ports.send(queueUrl, roleArn, jsonText(selected)),
  };
}
