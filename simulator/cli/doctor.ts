/** `npm run doctor`: what is missing or wrong between the account and the first mail, and how it is mended. */
import type { Ha2mConfig } from "../../lib/config.ts";
import { examine } from "./doctor/examine.ts";
import { CHECKS, type Finding, unchecked } from "./doctor/finding.ts";
import { readConfig, readHere } from "./doctor/here.ts";
import { type Place, placeOf } from "./doctor/place.ts";
import { conclusion, printFinding } from "./doctor/print.ts";
import { closeClients } from "./doctor/target.ts";
import { CLOUD_FLAGS, type CommandValues, runCloudCommand } from "./shared/cloud-command.ts";
import { OUTPUTS_FILE } from "./shared/stack-outputs.ts";
import { terminalOf } from "./shared/terminal.ts";

const COMMAND = "doctor";

const HELP = `Checks everything between a deploy and the first mail, and prints for each
problem the command that fixes it. It changes nothing.

  npm run doctor -- [options]

It checks: credentials, region, bootstrap; the stacks, and whether they match
what would be deployed from here; SES: sandbox, sender, each recipient; for
each node a certificate that is active, attached and valid for 30 more days;
who is told of alarms; that rules are enabled and queues are empty; the last
reading of each cluster.

  --target WHERE      "aws" (default), with credentials as the AWS CLI finds
                      them; or "local": npm run cloud on this machine
  --cloud FILE        local: output of npm run -s cloud -- --json (default: the
                      file of the running cloud in .ha2m/cloud)
  --region NAME       aws: the region of the deploy (default: that of the
                      outputs, else as the AWS CLI finds it)
  --outputs FILE      aws: the file of cdk deploy --outputs-file (default
                      ${OUTPUTS_FILE})
  --json              prints one JSON object on stdout
  --help

✓ good, ✗ wrong, ⚠ works but needs attention soon, – not checked or not there
yet. Commands that begin with "aws" need the AWS CLI.

Exit code: 0 nothing is wrong, 1 something is wrong, 2 the command line or the
configuration was wrong.
`;

const FLAGS = { ...CLOUD_FLAGS, region: { type: "string" } } as const;

/** `npm run doctor`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCloudCommand({ name: COMMAND, help: HELP, flags: FLAGS, run }, argv);

async function run(values: CommandValues<typeof FLAGS>): Promise<number> {
  const config = readConfig();
  const place = await placeOf(COMMAND, values, config.name);
  const terminal = terminalOf(process.stdout);
  const findings: Finding[] = [];
  for await (const finding of found(place, config)) {
    findings.push(finding);
    if (values.json !== true) printFinding(terminal, finding);
  }
  const healthy = findings.every(({ state }) => state !== "wrong");
  if (values.json === true)
    terminal.write(`${JSON.stringify({ ...whereOf(place), healthy, findings }, null, 2)}\n`);
  else terminal.write(`\n${conclusion(findings)}\n`);
  return healthy ? 0 : 1;
}

type MaybePlace = Place | Pick<Place, "region">;

const whereOf = (place: MaybePlace) =>
  "target" in place
    ? { target: place.target.kind, region: place.target.region }
    : { target: "aws", region: null };

async function* found(place: MaybePlace, config: Ha2mConfig): AsyncGenerator<Finding> {
  if (!("target" in place)) {
    for (const check of CHECKS)
      yield check === "region" ? place.region : unchecked(check, "not checked: needs a region");
    return;
  }
  const { target, outputsFile, region, standsAtMs } = place;
  try {
    const here = await readHere(config, () =>
      process.stderr.write("synthesizing the app, to compare it with what is deployed …\n"),
    );
    yield* examine({ target, here, outputsFile, nowMs: standsAtMs ?? Date.now() }, region);
  } finally {
    closeClients(target.clients);
  }
}
