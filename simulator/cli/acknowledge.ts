/** `npm run acknowledge`: what the link in a mail does, for those who do not want it deployed. */
import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openAnswers } from "../../lambda/adapters/answers.ts";
import type { Answer } from "../../lambda/core/answer.ts";
import { BACKEND, INCIDENT_KINDS, type IncidentId, type IncidentKind } from "../../lib/contract/incidents.ts";
import { CLUSTERS_KEY } from "../../lib/contract/tables.ts";
import { CLUSTER_ID } from "../../lib/contract/topics.ts";
import { nearest } from "../../lib/nearest.ts";
import { parseDuration } from "../scenario/durations.ts";
import { oneOf, parseFlags, UsageError, wholeNumber } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";
import { runCommand } from "./run-command.ts";

const COMMAND = "acknowledge";
/** Where `npm run cloud` serves DynamoDB, unless it was told otherwise. */
const LOCAL_ENDPOINT = "http://127.0.0.1:8000";
/** Every request is signed for one; the local cloud takes any. */
const LOCAL_REGION = "us-east-1";
/** Nodes, or chips: one more than there can be nodes. */
const SUBJECT_MAX = 8;
const SNOOZE_MAX_DAYS = 30;
const DAY_MS = 86_400_000;

const HELP = `Says that you have an incident in hand: no more reminders of it, until it is
over and starts again. You are told when it is over all the same.

  npm run acknowledge -- CLUSTER KIND SUBJECT [options]

  CLUSTER, KIND,      as in the mail's link to the runbook and its headers:
  SUBJECT             kitchen node-dead 0; '*' is the backend's cluster.
                      SUBJECT is a node, or a chip; 0 where it is neither
  --snooze TIME       no reminders for so long, and then again: 24h, 7d;
                      ${SNOOZE_MAX_DAYS}d at most
  --target WHERE      "local" (default), which is npm run cloud on this machine,
                      or "aws", with credentials and region as the AWS CLI
                      finds them
  --table NAME        the clusters table, as npm run cloud or
                      aws cloudformation describe-stack-resources names it
  --endpoint URL      of the local DynamoDB (default ${LOCAL_ENDPOINT})
  --cloud FILE        instead of the two: what npm run -s cloud -- --json printed
  --help

Exit code: 0 noted, 1 no such incident is firing, 2 the command line was wrong,
or the table could not be reached.
`;

const FLAGS = {
  snooze: { type: "string" },
  target: { type: "string" },
  table: { type: "string" },
  endpoint: { type: "string" },
  cloud: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(HELP);
      return values.help === true ? 0 : 2;
    }
    const id = incidentOf(positionals);
    const nowMs = Date.now();
    const answer = answerOf(values.snooze, nowMs);
    const { table, client, where } = placeOf(values);
    try {
      const result = await explained(
        openAnswers(table, client).note(id, undefined, answer, nowMs),
        table,
        where,
      );
      process.stdout.write(`${said(id, answer, result)}\n`);
      return result === "noted" ? 0 : 1;
    } finally {
      client.destroy();
    }
  });

const nameOf = ({ clusterId, kind, subject }: IncidentId): string => `${clusterId} ${kind} ${subject}`;

function said(id: IncidentId, answer: Answer, result: "noted" | "not-firing"): string {
  if (result === "not-firing") return `${nameOf(id)} is not firing: there is nothing to answer.`;
  const until =
    answer.kind === "acknowledge"
      ? "acknowledged: no more reminders until it is over and starts again"
      : `snoozed: no reminders until ${new Date(answer.untilMs).toISOString()}`;
  return `${nameOf(id)} is ${until}.`;
}

function incidentOf([
  clusterId = "",
  kindText = "",
  subjectText = "",
  ...more
]: readonly string[]): IncidentId {
  if (subjectText === "" || more.length > 0)
    throw new UsageError(
      `${COMMAND} takes CLUSTER KIND SUBJECT, such as kitchen node-dead 0. See: npm run ${COMMAND} -- --help`,
    );
  if (clusterId !== BACKEND && !CLUSTER_ID.test(clusterId))
    throw new UsageError(`"${clusterId}" is no cluster id, such as kitchen, nor '${BACKEND}'.`);
  return { clusterId, kind: kindOf(kindText), subject: wholeNumber("SUBJECT", subjectText, 0, SUBJECT_MAX) };
}

function kindOf(text: string): IncidentKind {
  const found = INCIDENT_KINDS.find((kind) => kind === text);
  if (found !== undefined) return found;
  const near = nearest(text, INCIDENT_KINDS);
  const hint = near === undefined ? `one of ${INCIDENT_KINDS.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`"${text}" is no kind of incident: ${hint}`);
}

function answerOf(snooze: string | undefined, nowMs: number): Answer {
  if (snooze === undefined) return { kind: "acknowledge" };
  const ms = (parseDuration(snooze) ?? 0) / 1_000;
  if (ms <= 0 || ms > SNOOZE_MAX_DAYS * DAY_MS)
    throw new UsageError(
      `--snooze takes a time such as 24h or 7d, ${SNOOZE_MAX_DAYS}d at most, not "${snooze}".`,
    );
  return { kind: "snooze", untilMs: Math.ceil(nowMs + ms) };
}

interface Place {
  readonly table: string;
  readonly client: DynamoDBClient;
  /** For an error. */
  readonly where: string;
}

function placeOf(values: Values): Place {
  const target = oneOf("--target", values.target ?? "local", ["local", "aws"]);
  if (target === "aws") {
    const local = (["endpoint", "cloud"] as const).find((flag) => values[flag] !== undefined);
    if (local !== undefined) throw new UsageError(`--${local} is of the local cloud, not of --target aws.`);
    return { table: tableOf(values), client: new DynamoDBClient({}), where: "AWS" };
  }
  const { table, endpoint } =
    values.cloud === undefined
      ? { table: tableOf(values), endpoint: values.endpoint ?? LOCAL_ENDPOINT }
      : printedBy(values.cloud, values);
  if (!URL.canParse(endpoint))
    throw new UsageError(`--endpoint takes a URL such as ${LOCAL_ENDPOINT}, not "${endpoint}".`);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return {
    table,
    client: new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials, maxAttempts: 1 }),
    where: `${endpoint}; is npm run cloud at work there?`,
  };
}

function tableOf({ table }: Values): string {
  if (table !== undefined && table !== "") return table;
  throw new UsageError(
    "--table is missing: the clusters table's name, as npm run cloud prints it, or --cloud FILE with all that it printed.",
  );
}

/** The table of `npm run cloud -- --json` whose items are incidents, and where it is. */
function printedBy(file: string, { table, endpoint }: Values): { table: string; endpoint: string } {
  if (table !== undefined || endpoint !== undefined)
    throw new UsageError("--cloud names table and endpoint: leave out --table and --endpoint.");
  const path = callersPath(COMMAND, file);
  const mistake = () => new UsageError(`${path} is not what npm run -s cloud -- --json prints.`);
  let printed: {
    readonly dynamodb?: {
      readonly endpoint?: unknown;
      readonly keys?: Readonly<Record<string, readonly unknown[]>>;
    };
  } | null;
  try {
    printed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? mistake() : new UsageError(`${path} cannot be read (${code}).`);
  }
  const keys = Object.entries(printed?.dynamodb?.keys ?? {});
  const found = keys.find(([, names]) => names[1] === CLUSTERS_KEY.sort)?.[0];
  const url = printed?.dynamodb?.endpoint;
  if (found === undefined || typeof url !== "string") throw mistake();
  return { table: found, endpoint: url };
}

/** What the SDK could not do is the caller's to mend: the table's name, credentials, a cloud that is not there. */
async function explained<T>(request: Promise<T>, table: string, where: string): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { name, message } = error as Error;
    throw new UsageError(
      `the table "${table}" cannot be written (${name}: ${message || "no answer"}) at ${where}`,
    );
  }
}
