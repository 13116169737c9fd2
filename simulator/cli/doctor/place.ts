/** Which cloud the command line means, and where it is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STSClient } from "@aws-sdk/client-sts";
import { projectRoot } from "../../project-root.ts";
import { shellWord, UsageError } from "../shared/arguments.ts";
import { callersPath } from "../shared/callers-path.ts";
import { type TargetFlags, targetOf } from "../shared/cloud-command.ts";
import { cloudFile } from "../shared/cloud-file.ts";
import { OUTPUTS_FILE } from "../shared/stack-outputs.ts";
import { type Finding, good, warning, wrong } from "./finding.ts";
import { outputsByName, readOutputsFile } from "./outputs-file.ts";
import { awsTarget, type Endpoints, localTarget, type Target } from "./target.ts";

/** Where is looked, and which outputs file belongs to it. */
export interface Place {
  readonly target: Target;
  readonly outputsFile: string;
  /** What there is to say of the region. */
  readonly region: Finding;
  /** Where mails are read; undefined: they go to people. */
  readonly inbox?: string | undefined;
  /** Where the cloud's clock stands, epoch ms; undefined: it is the machine's. */
  readonly standsAtMs?: number | undefined;
}

/**
 * @param command whose command line it is
 * @param name the deployment's
 * @throws UsageError when flags contradict one another, or no local cloud is at work.
 */
export async function placeOf(
  command: string,
  flags: TargetFlags,
  name: string,
): Promise<Place | { readonly region: Finding }> {
  return targetOf(flags, "aws") === "aws" ? awsPlace(command, flags, name) : localPlace(command, flags.cloud);
}

interface Described {
  /** Where the clock of a cloud stands that goes on after its story. */
  readonly stands_at?: string;
  readonly control?: Readonly<Record<string, string>>;
  readonly dynamodb?: { readonly endpoint?: string; readonly region?: string };
  readonly ses?: { readonly endpoint?: string };
  readonly sqs?: { readonly endpoint?: string };
  readonly lambda?: { readonly endpoint?: string };
}

function localPlace(command: string, given: string | undefined): Place {
  const file = given === undefined ? cloudFile() : callersPath(command, given);
  const { control = {}, dynamodb, ses, sqs, lambda, stands_at: standsAt } = readDescribed(file, given);
  const { sts, cloudformation, iot, sns } = control;
  const endpoints = {
    sts,
    cloudformation,
    iot,
    sns,
    dynamodb: dynamodb?.endpoint,
    ses: ses?.endpoint,
    sqs: sqs?.endpoint,
    lambda: lambda?.endpoint,
  };
  const region = dynamodb?.region;
  if (!areKnown(endpoints) || region === undefined)
    throw new UsageError(
      `${file} is not what npm run -s cloud -- --json prints, or is from an earlier version.`,
    );
  const flags = given === undefined ? "" : ` --cloud ${shellWord(given)}`;
  return {
    target: localTarget(region, endpoints, flags),
    outputsFile: OUTPUTS_FILE,
    region: good("region", `${region}, that of the local cloud`),
    inbox: ses?.endpoint,
    standsAtMs: standsAt === undefined ? undefined : Date.parse(standsAt),
  };
}

const areKnown = (endpoints: Readonly<Record<keyof Endpoints, unknown>>): endpoints is Endpoints =>
  Object.values(endpoints).every((url) => typeof url === "string" && URL.canParse(url));

function readDescribed(file: string, given: string | undefined): Described {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) return {};
    const advice =
      code === "ENOENT" && given === undefined
        ? ": no local cloud is running. Start npm run cloud, or use --target aws"
        : "";
    throw new UsageError(`${file} cannot be read (${code})${advice}.`);
  }
}

/** By the flag; else as the last deploy was, since that is what other commands look at; else as the AWS CLI would. */
async function awsPlace(
  command: string,
  { outputs, region: asked }: TargetFlags,
  name: string,
): Promise<Place | { readonly region: Finding }> {
  const outputsFile =
    outputs === undefined ? join(projectRoot(), OUTPUTS_FILE) : callersPath(command, outputs);
  const flags = outputs === undefined ? "" : ` --outputs ${shellWord(outputs)}`;
  const written = outputsByName(readOutputsFile(outputsFile) ?? {}, name).get("Region");
  const deployed = typeof written === "string" ? written : undefined;
  const set = await regionOfSettings();
  const region = asked ?? deployed ?? set;
  if (region === undefined)
    return {
      region: wrong("region", "none is set: give --region or set AWS_REGION", "export AWS_REGION=us-east-1"),
    };
  return {
    target: awsTarget(region, flags),
    outputsFile,
    region: regionFinding(region, asked, deployed, set),
  };
}

function regionFinding(
  region: string,
  asked: string | undefined,
  deployed: string | undefined,
  set: string | undefined,
): Finding {
  if (asked !== undefined) return good("region", region);
  if (deployed === undefined) return good("region", `${region}, from AWS's settings`);
  return set === undefined || set === deployed
    ? good("region", `${region}, that of the last deploy`)
    : warning(
        "region",
        `${region} in the last deploy, but ${set} in AWS's settings: the next deploy would go there`,
        `export AWS_REGION=${region}`,
      );
}

/** AWS_DEFAULT_REGION is the AWS CLI's and the CDK's; the SDK by itself does not read it. */
async function regionOfSettings(): Promise<string | undefined> {
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    return process.env.AWS_DEFAULT_REGION || undefined;
  } finally {
    client.destroy();
  }
}
