/**
 * The SQL of the topic rules, AWS IoT SQL version 2016-03-23. Fields, bounds, topics and keys all come from the contract,
 * so that the rules cannot drift from what devices send and functions expect.
 *
 * Not checked by SQL: that a node's clock is right, and that a message has no further fields
 * (they are not selected).
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
 */
import * as z from "zod/mini";
import { DeliveredEvent, Reading } from "../contract/messages.ts";
import { DEFAULT_NAME } from "../contract/names.ts";
import {
  CLUSTERS_KEY,
  HEARTBEAT_PREFIX,
  KEY_SEPARATOR,
  READINGS_KEY,
  TTL_ATTRIBUTE,
} from "../contract/tables.ts";
import { lateFilter, NODES_MAX, TOPIC_LEVEL, topicFilter } from "../contract/topics.ts";

/** The dialect of all statements here, a rule's `awsIotSqlVersion`. */
export const SQL_VERSION = "2016-03-23";

const clusterLevel = `topic(${TOPIC_LEVEL.cluster})`;
const nodeLevel = `topic(${TOPIC_LEVEL.node})`;

/** Fields of a delivered event that the rule adds; all others are the message's own. */
const ADDED_TO_EVENT: Readonly<Record<string, string>> = {
  cluster_id: clusterLevel,
  node: `cast(${nodeLevel} AS Int)`,
  received_at: "timestamp()",
  // The message as it came: what the function cannot read, a person still can.
  original_base64: "encode(*, 'base64')",
};

/** What `send_cluster_mail` gets of each event of a deployment: the fields of `DeliveredEvent`. */
export function eventsSql(name = DEFAULT_NAME): string {
  const columns = Object.keys(DeliveredEvent.shape).map((field) => {
    const expression = ADDED_TO_EVENT[field];
    return expression === undefined ? field : `${expression} AS ${field}`;
  });
  return select(columns, topicFilter("event", name));
}

/**
 * What both tables get of each reading: the reading itself, and the same attributes again as the node's heartbeat.
 *
 * A reading outside the contract gets no `cluster_id`, the partition key of both tables: DynamoDB then refuses both
 * items, and the errorAction keeps the message. A WHERE clause would drop it without a trace.
 * @param readingsDays after how many days DynamoDB may delete either item
 */
export function readingsSql(readingsDays: number, name = DEFAULT_NAME): string {
  const heartbeatColumn = `concat('${HEARTBEAT_PREFIX}', ${nodeLevel}) AS ${CLUSTERS_KEY.sort}`;
  const [partition = "", sort = "", ...others] = readingColumns(readingsDays);
  return select([partition, sort, heartbeatColumn, ...others], topicFilter("reading", name));
}

/**
 * What the readings table alone gets of a reading that is handed in late. As a heartbeat it would say that a node is
 * alive, with the charge, the term and the suspicions of then.
 */
export const lateReadingsSql = (readingsDays: number, name = DEFAULT_NAME): string =>
  select(readingColumns(readingsDays), lateFilter(name));

function readingColumns(readingsDays: number): string[] {
  // CASE without ELSE is Undefined when nothing matches, and an Undefined field is left out of the result.
  // An optional field is not checked: with an Undefined operand OR is Undefined, too. Who reads it checks it.
  const required = Object.entries(fieldsOf(Reading)).filter(([field]) => isRequired(Reading, field));
  const withinContract = [validNode, ...required.flatMap(holds)].join("\n      AND ");
  return [
    `CASE ${withinContract}\n    WHEN true THEN ${clusterLevel} END AS ${READINGS_KEY.partition}`,
    `concat(measured_at, '${KEY_SEPARATOR}', ${nodeLevel}) AS ${READINGS_KEY.sort}`,
    `cast(${nodeLevel} AS Int) AS node`,
    ...Object.keys(Reading.shape),
    "timestamp() AS received_at",
    `floor(timestamp() / 1000) + ${readingsDays * 86_400} AS ${TTL_ATTRIBUTE}`,
  ];
}

const select = (columns: readonly string[], from: string): string =>
  `SELECT\n  ${columns.join(",\n  ")}\nFROM '${from}'`;

// Text, not a cast: 00 would be a second name for node 0.
const validNode = `regexp_matches(${nodeLevel}, '^[0-${NODES_MAX - 1}]$')`;

/** As much of JSON Schema as the messages use. */
interface FieldSchema {
  readonly type?: unknown;
  readonly const?: unknown;
  readonly pattern?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}

const fieldsOf = (schema: z.ZodMiniObject): Record<string, FieldSchema> =>
  z.toJSONSchema(schema).properties as Record<string, FieldSchema>;
const isRequired = (schema: z.ZodMiniObject, field: string): boolean =>
  z.toJSONSchema(schema).required?.includes(field) === true;

/**
 * Conditions that are true of a field exactly when it is within its schema.
 * @throws Error for a schema that has no translation yet.
 */
function holds([field, schema]: [string, FieldSchema]): string[] {
  if (typeof schema.const === "number") return [`${field} = ${schema.const}`];
  if (typeof schema.pattern === "string") return [`regexp_matches(${field}, '${portable(schema.pattern)}')`];
  const bounds = [
    ...(schema.minimum === undefined ? [] : [`${field} >= ${schema.minimum}`]),
    ...(schema.maximum === undefined ? [] : [`${field} <= ${schema.maximum}`]),
  ];
  // `>=` and `<=` convert text to a number, `=` never does: "21" passes the bounds, but 21 = "21" is false.
  if (schema.type === "integer") return [`floor(${field}) = ${field}`, ...bounds];
  if (schema.type === "number") return [`${field} * 1 = ${field}`, ...bounds];
  throw new Error(
    `rule SQL: no condition for ${field} with schema ${JSON.stringify(schema)}; add one in lib/constructs/rule-sql.ts`,
  );
}

/** A pattern without backslashes or quotes: how a SQL text literal escapes them is not documented. */
function portable(pattern: string): string {
  const plain = pattern.replaceAll("\\d", "[0-9]").replaceAll("\\.", "[.]");
  if (!/[\\']/.test(plain)) return plain;
  throw new Error(`rule SQL: pattern ${pattern} holds an escape or a quote; write it with [classes]`);
}
