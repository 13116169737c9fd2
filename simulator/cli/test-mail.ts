/** `npm run test-mail`: whether mails arrive, by the function that sends them, before one has to. */
import { partName } from "../../lib/contract/names.ts";
import { failed } from "./doctor/failure.ts";
import { readConfig } from "./doctor/here.ts";
import { type Place, placeOf } from "./doctor/place.ts";
import { printMarked } from "./doctor/print.ts";
import { closeClients } from "./doctor/target.ts";
import { CLOUD_FLAGS, type CommandValues, runCloudCommand } from "./shared/cloud-command.ts";
import { counted } from "./shared/counted.ts";
import { DEPLOY, OUTPUTS_FILE } from "./shared/stack-outputs.ts";
import { type Terminal, terminalOf } from "./shared/terminal.ts";
import { adviceOn, type Tried } from "./test-mail/advice.ts";
import { NotAnsweredError, openSender } from "./test-mail/sender.ts";

const COMMAND = "test-mail";

const HELP = `Has the function that mails incidents send a test mail to each recipient, and
prints the result. It touches no incident.

  npm run test-mail -- [options]

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

It needs lambda:InvokeFunction on send_cluster_mail. Commands that begin with
"aws" need the AWS CLI.

Exit code: 0 SES accepted every mail; 1 it refused one, or the function could
not be invoked; 2 the command line or the configuration was wrong.
`;

const FLAGS = { ...CLOUD_FLAGS, region: { type: "string" } } as const;

/** `npm run test-mail`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCloudCommand({ name: COMMAND, help: HELP, flags: FLAGS, run }, argv);

async function run(values: CommandValues<typeof FLAGS>): Promise<number> {
  const config = readConfig();
  const functionName = partName(config.name, "send_cluster_mail");
  const place = await placeOf(COMMAND, values, config.name);
  const terminal = terminalOf(process.stdout);
  const say = values.json === true ? undefined : terminal;
  const report =
    "target" in place
      ? await tryAll(place, functionName, say)
      : { ...NOBODY, problem: { text: place.region.text, mend: place.region.mend } };
  const arrives = report.problem === undefined && report.recipients.every(({ accepted }) => accepted);
  if (values.json === true) terminal.write(`${JSON.stringify({ ok: arrives, ...report }, null, 2)}\n`);
  else conclude(terminal, report, "target" in place ? place.inbox : undefined);
  return arrives ? 0 : 1;
}

/** What `--json` prints, beside whether all is well. */
interface Report {
  readonly target: "local" | "aws";
  readonly region: string | null;
  readonly from: string | null;
  readonly recipients: readonly Tried[];
  /** Why nobody, or not everybody, could be tried. */
  readonly problem?: { readonly text: string; readonly mend: string | undefined };
}

const NOBODY = { target: "aws", region: null, from: null, recipients: [] } as const;

/** @param terminal undefined: nothing is said meanwhile */
async function tryAll(
  { target }: Place,
  functionName: string,
  terminal: Terminal | undefined,
): Promise<Report> {
  const recipients: Tried[] = [];
  const report = { target: target.kind, region: target.region, recipients };
  let from: string | null = null;
  try {
    const sender = openSender(target.clients.lambda, functionName);
    const told = await sender.recipients();
    from = told.from;
    terminal?.write(`From ${from}, by ${functionName} in ${target.region}:\n\n`);
    const width = Math.max(...told.to.map((to) => to.length));
    for (const to of told.to) {
      const tried = adviceOn(to, await sender.send(to), target, from);
      recipients.push(tried);
      const text = tried.accepted ? `accepted by SES, message id ${tried.message_id}` : tried.text;
      if (terminal !== undefined)
        printMarked(terminal, tried.accepted ? "good" : "wrong", to.padEnd(width), text, tried.mend);
    }
    return { ...report, from };
  } catch (error) {
    return { ...report, from, problem: problemOf(error, target, functionName) };
  } finally {
    closeClients(target.clients);
  }
}

function problemOf(
  error: unknown,
  target: Place["target"],
  functionName: string,
): NonNullable<Report["problem"]> {
  if (error instanceof NotAnsweredError) return { text: error.message, mend: error.mend };
  if (error instanceof Error && error.name === "ResourceNotFoundException")
    return {
      text: `there is no function ${functionName} in ${target.region}: it is not deployed, or in another region or account`,
      mend: target.kind === "local" ? "npm run cloud" : DEPLOY,
    };
  const { text, mend } = failed(target, "mail", error);
  return { text, mend };
}

function conclude(terminal: Terminal, { recipients, problem }: Report, inbox: string | undefined): void {
  if (problem !== undefined) {
    printMarked(terminal, "wrong", COMMAND, problem.text, problem.mend);
    return;
  }
  const refused = recipients.filter(({ accepted }) => !accepted).length;
  const where =
    inbox === undefined ? "Check that it arrived; look in the spam folder too." : `Read it at ${inbox}/`;
  terminal.write(
    refused === 0
      ? `\nSES accepted ${recipients.length === 1 ? "the mail" : `all ${recipients.length} mails`}. ${where}\n`
      : `\n${counted(refused, "recipient")} of ${recipients.length} ${refused === 1 ? "gets" : "get"} no mail.\n`,
  );
}
