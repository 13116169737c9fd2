/** Which table a command works on, and where: the local cloud's, or one that was deployed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { projectRoot } from "../../project-root.ts";
import { oneOf, UsageError } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";
import { type CloudTable, cloudFile, type DescribedClock, shownBy, tableOfCloud } from "./cloud-file.ts";
import { DEPLOY, OUTPUTS_FILE } from "./stack-outputs.ts";

/** Where `npm run cloud` serves DynamoDB, unless it was told otherwise. */
const LOCAL_ENDPOINT = "http://127.0.0.1:8000";
/** Every request is signed for one; the local cloud takes any. */
const LOCAL_REGION = "us-east-1";

/** The flags that say which readings table. */
export const PLACE_FLAGS = {
  target: { type: "string" },
  table: { type: "string" },
  endpoint: { type: "string" },
  cloud: { type: "string" },
  outputs: { type: "string" },
  region: { type: "string" },
} as const;
type PlaceFlag = keyof typeof PLACE_FLAGS;
type Values = { readonly [flag in PlaceFlag]?: string | undefined };

/** For a command's --help; `what` is "readings" or the like. */
export const placeHelp = (
  what: string,
): string => `  --target WHERE      "local" (default): npm run cloud on this machine; or
                      "aws", with credentials as the AWS CLI finds them
  local:
  --cloud FILE        output of npm run -s cloud -- --json (default: the file
                      of the running cloud in .ha2m/cloud)
  --endpoint URL      instead of --cloud: the local DynamoDB (default
                      ${LOCAL_ENDPOINT}),
  --table NAME        and its ${what} table
  aws:
  --outputs FILE      the file of cdk deploy --outputs-file (default
                      ${OUTPUTS_FILE})
  --table NAME        instead of --outputs: the ${what} table
  --region NAME       the table's region (default: that of the outputs, else
                      as the AWS CLI finds it)
`;

/** Which table: its sort key in the local cloud, the stack output that names it in AWS. */
export interface WantedTable {
  readonly what: string;
  readonly sortKey: string;
  readonly output: string;
}

/** A table, and a client that reaches it. */
export interface TablePlace {
  readonly table: string;
  readonly client: DynamoDBClient;
  /** For an error. */
  readonly where: string;
  /** The cloud's own clock; undefined: it is this machine's. */
  readonly clock?: DescribedClock | undefined;
}

/** Epoch ms, by the clock of the place: the time of a story is not this machine's. */
export const nowAt = ({ clock }: TablePlace): number =>
  clock === undefined ? Date.now() : shownBy(clock, Date.now());

/** @throws UsageError when flags contradict one another, or no table is found by them. */
export function placeOf(command: string, wanted: WantedTable, values: Values): TablePlace {
  const target = oneOf("--target", values.target ?? "local", ["local", "aws"]);
  const [others, here] =
    target === "aws"
      ? ([["endpoint", "cloud"], "the local cloud"] as const)
      : ([["outputs", "region"], "--target aws"] as const);
  const stray = others.find((flag) => values[flag] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} is for ${here}, not for --target ${target}.`);
  return target === "aws" ? awsPlace(command, wanted, values) : localPlace(command, wanted, values);
}

function localPlace(command: string, wanted: WantedTable, values: Values): TablePlace {
  const { table, endpoint, clock } = localTable(command, wanted, values);
  if (!URL.canParse(endpoint))
    throw new UsageError(`--endpoint takes a URL such as ${LOCAL_ENDPOINT}, not "${endpoint}".`);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return {
    table,
    client: new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials, maxAttempts: 1 }),
    where: `${endpoint}; is npm run cloud running there?`,
    clock,
  };
}

function localTable(
  command: string,
  { what, sortKey }: WantedTable,
  { cloud, table, endpoint }: Values,
): CloudTable {
  if (cloud !== undefined) {
    if (table !== undefined || endpoint !== undefined)
      throw new UsageError("--cloud gives table and endpoint: leave out --table and --endpoint.");
    const path = callersPath(command, cloud);
    const found = tableOfCloud(path, sortKey);
    if (found === undefined) throw new UsageError(`${path} cannot be read (ENOENT).`);
    return found;
  }
  if (table !== undefined && table !== "")
    return { table, endpoint: endpoint ?? LOCAL_ENDPOINT, clock: undefined };
  if (endpoint !== undefined || table !== undefined)
    throw new UsageError(`--table is missing: the ${what} table's name, as npm run cloud prints it.`);
  const found = tableOfCloud(cloudFile(), sortKey);
  if (found !== undefined) return found;
  throw new UsageError(
    `no local cloud is running: ${cloudFile()} is not there. Start npm run cloud, use --target aws, or give --endpoint and --table.`,
  );
}

function awsPlace(command: string, { what, output }: WantedTable, values: Values): TablePlace {
  const outputs = values.table === undefined ? readOutputs(command, values.outputs) : undefined;
  const table = values.table ?? outputs?.values.get(output);
  if (table === undefined || table === "")
    throw new UsageError(
      `${outputs?.file ?? "--table"} names no ${what} table (${output}): write it with ${DEPLOY}, or give --table.`,
    );
  const region = values.region ?? outputs?.values.get("Region");
  return {
    table,
    client: new DynamoDBClient(region === undefined ? {} : { region }),
    where: `AWS${region === undefined ? "" : `, ${region}`}`,
  };
}

/** Outputs of which a deployment has one. */
const TOLD_APART: readonly string[] = ["ReadingsTable", "ClustersTable", "Region"];

/** The outputs of all stacks of a deployment by name. @throws UsageError */
function readOutputs(command: string, given: string | undefined) {
  const file = given === undefined ? join(projectRoot(), OUTPUTS_FILE) : callersPath(command, given);
  let stacks: unknown;
  try {
    stacks = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined ? "is not JSON" : `cannot be read (${code})`;
    throw new UsageError(`${file} ${why}: write it with ${DEPLOY}, or give --table.`);
  }
  const values = new Map<string, string>();
  for (const outputs of Object.values((stacks ?? {}) as Readonly<Record<string, object>>))
    for (const [name, value] of Object.entries(outputs ?? {})) {
      if (TOLD_APART.includes(name) && ![undefined, value].includes(values.get(name)))
        throw new UsageError(
          `${file} is of several deployments (it has two of ${name}): give each its own file (--outputs), or give --table.`,
        );
      values.set(name, String(value));
    }
  return { file, values };
}

/** Names of errors by which AWS says that it does not know who asks. */
const CREDENTIALS_REFUSED =
  /^(UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|IncompleteSignature|MissingAuthenticationToken)/;

/** @throws UsageError for what the SDK could not do: the table's name, credentials, a cloud that is not there. */
export async function explained<T>(
  request: Promise<T>,
  { table, where }: TablePlace,
  done: "read" | "written",
): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `the table "${table}" cannot be ${done} (${name}: ${message || code || "no answer"}) at ${where}${adviceFor(name, message, code)}`,
    );
  }
}

function adviceFor(name: string, message: string, code: string | undefined): string {
  if (name === "CredentialsProviderError")
    return ". Provide credentials as for the AWS CLI: AWS_PROFILE, or aws configure, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
  if (CREDENTIALS_REFUSED.test(name)) return ". AWS rejects these credentials: renew them.";
  if (/^Region is missing/.test(message)) return ". Give it by --region or AWS_REGION.";
  if (code === "ENOTFOUND") return ". Check the region (--region), and that this machine is online.";
  if (name === "ResourceNotFoundException") return ". Check its name, the account and the region (--region).";
  return "";
}
