/** Which queues there are, and where: the local cloud's, or those of a deployment. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../../lib/nearest.ts";
import { projectRoot } from "../../project-root.ts";
import { UsageError } from "../shared/arguments.ts";
import { callersPath } from "../shared/callers-path.ts";
import { type TargetFlags, targetOf } from "../shared/cloud-command.ts";
import { cloudFile } from "../shared/cloud-file.ts";
import { DEPLOY, OUTPUTS_FILE } from "../shared/stack-outputs.ts";
import { type Endpoints, type NamedQueue, openClients, type ReplayClients } from "./queue-messages.ts";

/** The queues of a deployment, and clients that reach them. */
export interface QueuePlace {
  readonly queues: readonly NamedQueue[];
  readonly clients: ReplayClients;
  /** Names of topic rules that are there; not of all of them in AWS, but of those that a replay needs. */
  readonly rules: readonly string[];
  /** For an error. */
  readonly where: string;
}

/** Whoever signs with a key of no role is the local account's owner. */
const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };
const QUEUE_URL = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/\d{12}\/([\w-]+)$/;

/** @throws UsageError when flags contradict one another, or no queue is found by them. */
export function placeOf(command: string, flags: Omit<TargetFlags, "region">): QueuePlace {
  return targetOf(flags, "local") === "aws"
    ? awsPlace(command, flags.outputs)
    : localPlace(command, flags.cloud);
}

interface Described {
  readonly sqs?: { readonly endpoint?: string; readonly queues?: Readonly<Record<string, string>> };
  readonly lambda?: { readonly endpoint?: string };
  readonly iot_data?: { readonly endpoint?: string };
  readonly rules?: readonly string[];
}

function localPlace(command: string, given: string | undefined): QueuePlace {
  const file = given === undefined ? cloudFile() : callersPath(command, given);
  const {
    sqs,
    lambda,
    iot_data: iotData,
    rules = [],
  } = readJson<Described>(file, {
    absent:
      given === undefined ? "no local cloud is running: start npm run cloud, or use --target aws" : undefined,
    wanted: "what npm run -s cloud -- --json prints",
  });
  const endpoints = { sqs: sqs?.endpoint, lambda: lambda?.endpoint, iotData: iotData?.endpoint };
  if (sqs?.queues === undefined || !areKnown(endpoints))
    throw new UsageError(`${file} is not what npm run -s cloud -- --json prints.`);
  const queues = Object.entries(sqs.queues).map(([name, url]) => ({ name, url }));
  return {
    queues,
    clients: openClients(regionOf(queues), endpoints, LOCAL_CREDENTIALS),
    rules,
    where: `${endpoints.sqs}; is npm run cloud running there?`,
  };
}

const areKnown = (endpoints: Readonly<Record<keyof Endpoints, unknown>>): endpoints is Required<Endpoints> =>
  Object.values(endpoints).every((url) => typeof url === "string");

type Outputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function awsPlace(command: string, given: string | undefined): QueuePlace {
  const file = given === undefined ? join(projectRoot(), OUTPUTS_FILE) : callersPath(command, given);
  const stacks = readJson<Outputs>(file, {
    absent: `write it with ${DEPLOY}`,
    wanted: `what ${DEPLOY} writes`,
  });
  const queues = Object.values(stacks)
    .flatMap((outputs) => Object.entries(outputs ?? {}))
    .flatMap(([name, url]) => (typeof url === "string" && QUEUE_URL.test(url) ? [{ name, url }] : []));
  if (queues.length === 0)
    throw new UsageError(
      `${file} names no queue: it must have the outputs of all stacks. Write it with ${DEPLOY}.`,
    );
  const region = regionOf(queues);
  const rules = Object.values(stacks)
    .flatMap((outputs) => outputs?.LateReadingsRuleName ?? [])
    .map(String);
  return { queues, clients: openClients(region), rules, where: `AWS, ${region}` };
}

/** A queue's URL says where it is: whatever region the caller's settings name, it is not asked elsewhere. */
const regionOf = ([first]: readonly NamedQueue[]): string =>
  QUEUE_URL.exec(first?.url ?? "")?.[1] ?? "us-east-1";

/** @throws UsageError */
function readJson<T>(
  file: string,
  says: { readonly absent: string | undefined; readonly wanted: string },
): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw new UsageError(`${file} is not ${says.wanted}.`);
    const advice = code === "ENOENT" && says.absent !== undefined ? `: ${says.absent}` : "";
    throw new UsageError(`${file} cannot be read (${code})${advice}.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as T;
  throw new UsageError(`${file} is not ${says.wanted}.`);
}

/** The queue of that name; all of them when none is named. @throws UsageError */
export function chosenQueues(queues: readonly NamedQueue[], name: string | undefined): readonly NamedQueue[] {
  if (name === undefined) return queues;
  const found = queues.filter((queue) => queue.name === name || QUEUE_URL.exec(queue.url)?.[2] === name);
  if (found.length > 0) return found;
  const names = queues.map((queue) => queue.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`there is no queue "${name}": ${hint}`);
}

/** Names of errors by which AWS says that it does not know who asks. */
const CREDENTIALS_REFUSED =
  /^(UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|IncompleteSignature|MissingAuthenticationToken)/;

/** An error of the SDK in one line, with what to do where that is known. */
export function explain(error: unknown, where: string): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  return `${name}: ${message || code || "no answer"} at ${where}${adviceFor(name, code)}`;
}

function adviceFor(name: string, code: string | undefined): string {
  if (name === "CredentialsProviderError")
    return ". Provide credentials as for the AWS CLI: AWS_PROFILE, or aws configure.";
  if (CREDENTIALS_REFUSED.test(name)) return ". AWS rejects these credentials: renew them.";
  if (/AccessDenied|Forbidden/.test(name))
    return ". It needs sqs:ReceiveMessage, sqs:ChangeMessageVisibility and sqs:DeleteMessage on the queue, iot:Publish on the topics, lambda:InvokeFunction on the functions.";
  if (/QueueDoesNotExist|NonExistentQueue/.test(name))
    return ". It was deleted, or is in another account: deploy again, or change AWS_PROFILE.";
  if (code === "ENOTFOUND") return ". Check that this machine is online.";
  return "";
}
