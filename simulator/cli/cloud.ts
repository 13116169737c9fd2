/** `npm run cloud`: the local cloud alone, in real time, for any MQTT, DynamoDB or SES client. */
import { resolve } from "node:path";
import { NODES_MIN } from "../../lib/contract/topics.ts";
import type { CloudClock, EpochMs } from "../local-cloud/clock.ts";
import type { CloudLogEntry } from "../local-cloud/cloud-log.ts";
import type { NotDone } from "../local-cloud/iot/intake.ts";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../local-cloud/local-cloud.ts";
import { countReadings, readingsTable } from "../local-cloud/stored-readings.ts";
import { writeFile } from "../write-file.ts";
import { type LiveNodes, readLiveNodes } from "./cloud/live-nodes.ts";
import { parseFlags, refuseWords, shellWord, UsageError, wholeNumber } from "./shared/arguments.ts";
import { freshAssembly } from "./shared/assembly-cache.ts";
import { callersPath } from "./shared/callers-path.ts";
import { CHAOS_HELP, parseChaos } from "./shared/chaos-flag.ts";
import {
  announceCloud,
  announcedFile,
  CLOUD_FOLDER,
  cloudFolder,
  describeClock,
  takeCloudFolder,
} from "./shared/cloud-file.ts";
import { clusterFor } from "./shared/cluster-choice.ts";
import { describeCloud, queuesOf } from "./shared/describe-cloud.ts";
import { configuredRecipients, sandboxLines, verifiedAddresses } from "./shared/mail-addresses.ts";
import { runCommand, untilInterrupted } from "./shared/run-command.ts";
import { paint, type Terminal, terminalOf } from "./shared/terminal.ts";

const HELP = `Runs the cloud that the synthesized template describes on this machine: MQTT
over mutual TLS, rules, DynamoDB, functions, schedules, queues, and SES with an
inbox. Its log goes to stderr. Ctrl-C finishes work in progress, prints totals
and what was left undone, and ends the cloud. Its state is not kept.

  npm run cloud -- [options]

  --mqtt-port N       default 8883; 0 is any free port, here and below
  --dynamodb-port N   default 8000
  --ses-port N        default 8005
  --keys DIR          folder for certificates and keys (default ${CLOUD_FOLDER});
                      they are new at every start. While the cloud runs,
                      endpoints.json in it tells other commands where it is
  --outputs FILE      writes what cdk deploy --outputs-file would, so that
                      commands with --target aws can be tried on this cloud
  --unverified ADDRESS,…
                      recipients that are not verified. SES is in its sandbox,
                      as in a new account: it refuses a mail if one recipient
                      is unverified. A printed command verifies them later
  --nodes             runs the nodes of a story too, live. Their timeline
                      replaces the log's info lines. They use the configured
                      thing names: they disconnect a client of yours that uses
                      the same name, and it disconnects them
  --speed S           with --nodes: speed of nodes and cloud, default 60x; 1x
                      is real time
  --scenario NAME     with --nodes: the story (default: that of npm run
                      simulate); after it the nodes go on without faults
  --chaos KIND=RATE,… random failures, such as function-crash=0.1:
${CHAOS_HELP("                      ")}  --seed N            seed of all chance (default 1)
  --json              prints one JSON object on stdout when ready: endpoints,
                      certificate paths, tables, queues, rules, schedules
  --help

Exit code: 0 ended by Ctrl-C, 2 the command line, a port or a file was wrong.
`;

const FLAGS = {
  unverified: { type: "string" },
  chaos: { type: "string" },
  seed: { type: "string" },
  "mqtt-port": { type: "string" },
  "dynamodb-port": { type: "string" },
  "ses-port": { type: "string" },
  keys: { type: "string" },
  nodes: { type: "boolean" },
  speed: { type: "string" },
  scenario: { type: "string" },
  outputs: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const PORT_MAX = 65_535;
const SEED_MAX = 4_294_967_295;
/** Somewhat more than the functions' own time limit. */
const DRAIN_S_MAX = 12;
const NOTICE_MS = 500;

/** The machine's own clock. */
const realClock: CloudClock = {
  now: () => Date.now() as EpochMs,
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** `npm run cloud`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("cloud", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("cloud", positionals);
    const port = (flag: "mqtt-port" | "dynamodb-port" | "ses-port", fallback: string) =>
      wholeNumber(`--${flag}`, values[flag] ?? fallback, 0, PORT_MAX);
    const ports = {
      mqtt: port("mqtt-port", "8883"),
      dynamodb: port("dynamodb-port", "8000"),
      ses: port("ses-port", "8005"),
    };
    if (values.seed !== undefined && values.chaos === undefined && values.nodes !== true)
      throw new UsageError("--seed needs --chaos or --nodes: nothing else here is random.");
    const live = readLiveNodes(values, terminalOf(process.stdout));
    const seed = wholeNumber("--seed", values.seed ?? "1", 0, SEED_MAX);
    const chaos = values.chaos === undefined ? undefined : parseChaos(values.chaos, seed);
    const keysDir = values.keys === undefined ? cloudFolder() : resolve(callersPath("cloud", values.keys));
    const verified = verifiedAddresses(values.unverified);
    const release = takeCloudFolder(keysDir);
    try {
      await serve({ ports, keysDir, verified, chaos }, live, values);
    } finally {
      release();
    }
    return 0;
  });

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];
type Setting = Pick<LocalCloudOptions, "ports" | "verified" | "chaos"> & { readonly keysDir: string };

/** The cloud from its start until it is interrupted. */
async function serve(setting: Setting, live: LiveNodes | undefined, values: Values): Promise<void> {
  const interrupted = untilInterrupted();
  const log = terminalOf(process.stderr);
  let mails = 0;
  const clock = live?.clockOf(() => cloud.idle()) ?? realClock;
  const cloud = await startLocalCloud({
    ...setting,
    assemblyDir: await freshAssembly(
      () => process.stderr.write("synthesizing the app, once for these files …\n"),
      live?.cluster.context,
    ),
    clock,
    realNowMs: Date.now(),
    ...(live === undefined ? {} : { ownKeys: "every-thing" as const }),
    log: (entry) => {
      if (entry.code === "mail-accepted") mails += 1;
      if (live?.tell(entry) !== true) printEntry(log, entry);
    },
  });
  let unannounce = () => {};
  try {
    await cloud.ready;
    if (values.outputs !== undefined)
      writeFile(
        {
          path: callersPath("cloud", values.outputs),
          data: `${JSON.stringify(cloud.outputs(), null, 2)}\n`,
        },
        "--outputs",
      );
    const ofStory = live === undefined ? {} : { clock: describeClock(clock.now(), live.speed) };
    const described = `${JSON.stringify({ ...describeCloud(cloud), ...ofStory }, null, 2)}\n`;
    unannounce = announceCloud(setting.keysDir, described);
    process.stdout.write(
      values.json === true ? described : welcome(cloud, setting.keysDir, live !== undefined),
    );
    await (live?.play(cloud, interrupted) ?? interrupted);
    const notDone = await drained(cloud);
    (values.json === true ? process.stderr : process.stdout).write(
      totals(cloud, mails, await countReadings(cloud.dynamodb), notDone),
    );
  } finally {
    unannounce();
    await cloud.stop();
  }
}

function welcome(cloud: LocalCloud, keysDir: string, live: boolean): string {
  const { mqtt, nodes, dynamodb, ses, sqs, rules, schedules, urls, notEmulated } = cloud;
  const section = (title: string, lines: readonly string[]) =>
    lines.map((line, i) => `  ${(i === 0 ? title : "").padEnd(10)} ${line}\n`).join("");
  const missing = notEmulated.map(({ type, count }) => `${type} (${count})`);
  const hint = live ? "" : " npm run cloud -- --nodes also runs nodes.";
  return `The cloud is ready; Ctrl-C ends it.${hint}

${section("MQTT", [
  `mqtts://${mqtt.host}:${mqtt.port}`,
  `CA ${mqtt.caPath}`,
  ...nodes.map(({ thing, certPath }) => `${thing}: ${certPath}`),
  ...cloud.provisioned.map(
    ({ thing, certPath }) => `${thing}: ${certPath}, with the key that was provisioned`,
  ),
  "CA, certificates and keys are new at every start: give them to clients again.",
])}${section("DynamoDB", [dynamodb.endpoint, ...dynamodb.tables.map(({ name }) => `table ${name}`)])}${section("SES", [ses.endpoint, `inbox ${ses.inbox}`, ...sandboxLines(ses.account)])}${section("SQS", [sqs.endpoint, ...queuesOf(cloud).map(([name]) => `queue ${name}`)])}${section("rules", rules)}${section("schedules", schedules)}${section("URLs", urls)}
${unverifiedHint(cloud)}  In the template, not emulated here:
${(missing.length === 0 ? ["nothing"] : missing).map((line) => `    ${line}\n`).join("")}
  To see the stored readings, in another terminal:

    ${readingsCommand(keysDir)}

  or with any DynamoDB client:

    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\
      aws dynamodb scan --region ${dynamodb.region} \\
      --endpoint-url ${dynamodb.endpoint} \\
      --table-name ${readingsTable(dynamodb)}

`;
}

/** The file is named where commands would not look for it. */
function readingsCommand(keysDir: string): string {
  const elsewhere = keysDir === cloudFolder() ? "" : ` --cloud ${shellWord(announcedFile(keysDir))}`;
  return `npm run readings -- ${clusterFor(NODES_MIN).name}${elsewhere}`;
}

/** How an address that is not verified comes to be. */
function unverifiedHint({ ses, dynamodb }: LocalCloud): string {
  const [first] = configuredRecipients().filter((to) => ses.account.unverified([], [to]).length > 0);
  if (first === undefined) return "";
  return `  ${first} is not verified. To verify it, in another terminal:

    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\
      aws ses verify-email-identity --region ${dynamodb.region} \\
      --endpoint-url ${ses.endpoint} \\
      --email-address ${first}

`;
}

/** Finishes what was taken in. A second Ctrl-C ends the process at once. */
async function drained(cloud: LocalCloud): Promise<NotDone[]> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, DRAIN_S_MAX * 1_000);
  });
  const done = cloud.drain(limit);
  // Said only where there is something to wait for.
  const notice = setTimeout(
    () =>
      process.stderr.write(
        `Finishing work in progress, for at most ${DRAIN_S_MAX} s; Ctrl-C ends at once.\n`,
      ),
    NOTICE_MS,
  );
  const notDone = await done;
  clearTimeout(notice);
  clearTimeout(timer);
  return notDone;
}

/** What came in since the start, what came of it, and what did not. */
function totals(
  { messagesIn, queues }: LocalCloud,
  mails: number,
  readings: number,
  notDone: readonly NotDone[],
): string {
  const lines = [
    ["messages in", messagesIn],
    ["readings stored", readings],
    ["mails sent", mails],
    ...queues.map(({ name, messages }) => [`in ${name}`, messages.length] as const),
  ] as const;
  const listed = (of: readonly (readonly [string, number])[]) =>
    of.map(([what, n]) => `  ${String(n).padStart(6)}  ${what}\n`).join("");
  const left = notDone.map(({ what, count }) => [what, count] as const);
  return `\nSince the start:\n${listed(lines)}${left.length === 0 ? "" : `Not done:\n${listed(left)}`}`;
}

function printEntry(terminal: Terminal, { at, level, source, text }: CloudLogEntry): void {
  const style = level === "error" ? "red" : level === "warn" ? "yellow" : "dim";
  terminal.write(
    `${new Date(at).toISOString()} ${paint(terminal, style, `${level.padEnd(5)} ${source}: ${text}`)}\n`,
  );
}
