/** `npm run node`: a failover protocol by hand, one step at a time, on EEPROM image files. */
import { CLUSTER_ID } from "../../lib/contract/topics.ts";
import { nearest } from "../../lib/nearest.ts";
import { addressOf } from "../node/board.ts";
import type { Change, Decision } from "../protocol/effects.ts";
import type { NodeContext, ResetCause, Start } from "../protocol/protocol.ts";
import { PROTOCOLS } from "../scenario/scenario.ts";
import { hex } from "./node/dump-rest.ts";
import { ImageFolder } from "./node/image-folder.ts";
import { dumpMap } from "./node/map-dump.ts";
import { chipsOf, NodeRig } from "./node/node-rig.ts";
import { KeptNodesError, type Setting } from "./node/node-state-file.ts";
import { dumpRecords } from "./node/record-dump.ts";
import { oneOf, parseFlags, UsageError, wholeNumber } from "./shared/arguments.ts";
import { callersPath } from "./shared/callers-path.ts";
import { IMPLEMENTED } from "./shared/protocol-choice.ts";
import { runCommand } from "./shared/run-command.ts";
import { paint, type Terminal, terminalOf } from "./shared/terminal.ts";

/** In the project's folder. */
const IMAGES = ".ha2m/eeproms";
/** Of a folder in which nothing has been done yet. */
const FRESH: Setting = { protocol: "hardened", cluster: "kitchen", nodes: 2, witness: false };

const HELP = `Runs a failover protocol by hand, on EEPROM images of 32,768 bytes: one wake,
one admission, or a dump of the chips.

  npm run node -- K health-check    node K wakes, checks the other nodes, and
                                    writes its result
  npm run node -- K reset-node J    at node K's prompt: admits node J
  npm run node -- [K] dump          shows every chip, or chip K, byte by byte

  --images DIR     folder of eeprom-0.bin, eeprom-1.bin, …; a missing one is a
                   blank chip (default ${IMAGES})
  --protocol NAME  "${FRESH.protocol}" (default) or "article", the published one
  --nodes N        number of nodes, 2 or more (default ${FRESH.nodes})
  --witness        adds a witness chip
  --cluster NAME   the cluster's name, part of each record (default ${FRESH.cluster})
  --unplug CHIP    this chip does not answer; may be given more than once
  --cause CAUSE    why the node wakes: "deep-sleep", "power-on", "watchdog",
                   "brown-out", "pin" or "soft" (default: deep-sleep if it was
                   asleep, else power-on)
  --force          uses images of another cluster anyway
  --help

Nothing is sent: a primary prints what it would publish, and treats it as
published. The folder keeps the images from step to step. Its nodes.json keeps
each node's RTC memory and boot counter, and --protocol, --nodes, --witness and
--cluster. To start over, delete the folder: rm -r ${IMAGES}

Try: 0 health-check twice, 1 health-check four times, and dump in between.
Node 1's first check sees the record of node 0. It has not changed at the next
two: suspected, then dead. Two checks without a sign of life are enough, as in
the article, and health-check alone does it. The fourth comes after the settle
sleep, and acts. With --protocol article node 1 has to be admitted first
(1 reset-node 1), and acts at its third.
`;

const FLAGS = {
  images: { type: "string" },
  protocol: { type: "string" },
  nodes: { type: "string" },
  witness: { type: "boolean" },
  cluster: { type: "string" },
  unplug: { type: "string", multiple: true },
  cause: { type: "string" },
  force: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

const COMMANDS = ["health-check", "reset-node", "dump"] as const;
const CHANGING: readonly string[] = ["health-check", "reset-node"];
const CAUSES = [
  "deep-sleep",
  "power-on",
  "watchdog",
  "brown-out",
  "pin",
  "soft",
] as const satisfies readonly ResetCause[];

/** `npm run node`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("node", argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      (values.help === true ? process.stdout : process.stderr).write(HELP);
      return values.help === true ? 0 : 2;
    }
    const images = new ImageFolder(values.images === undefined ? IMAGES : callersPath("node", values.images));
    // A look at the chips takes no lock: it meets each file as it was before a step or after it.
    const changes = positionals.some((word) => CHANGING.includes(word));
    const unlock = changes ? await images.lock() : () => {};
    try {
      return await step(values, positionals, images);
    } finally {
      unlock();
    }
  });

async function step(values: Values, positionals: readonly string[], images: ImageFolder): Promise<number> {
  const setting = settingFor(values, images);
  const call = readCall(positionals, setting);
  const chip = (what: string, text: string) => wholeNumber(what, text, 0, chipsOf(setting) - 1);
  const unplugged = new Set((values.unplug ?? []).map((text) => chip("--unplug", text)));
  const terminal = terminalOf(process.stdout);
  if (call.command === "dump") {
    const kept = images.loadKept();
    if (kept instanceof KeptNodesError)
      process.stderr.write(
        `${images.keptFile}: ${kept.message}; shown as a cluster of ${setting.nodes}, ${setting.protocol}\n`,
      );
    const all = Array.from({ length: chipsOf(setting) }, (_, each) => each);
    for (const each of call.chip === undefined ? all : [call.chip])
      dump(terminal, images, each, setting, unplugged.has(each));
    return 0;
  }
  const warn = (line: string) => process.stderr.write(`${line}\n`);
  const rig = new NodeRig(images, setting, unplugged, values.force === true, warn);
  if (call.command === "reset-node") return await resetNode(terminal, rig, call.node, call.subject);
  const cause = values.cause === undefined ? undefined : oneOf("--cause", values.cause, CAUSES);
  await healthCheck(terminal, rig, call.node, cause);
  return 0;
}

/**
 * What the options say; where they say nothing, what was kept in the folder; else the defaults.
 * @throws UsageError
 */
function settingFor(values: Values, images: ImageFolder): Setting {
  const found = images.loadKept();
  const kept = found === undefined || found instanceof KeptNodesError ? FRESH : found.setting;
  const protocol =
    values.protocol === undefined ? kept.protocol : oneOf("--protocol", values.protocol, PROTOCOLS);
  const witness = values.witness ?? kept.witness;
  if (witness && protocol === "article")
    throw new UsageError("The published protocol has no witness chip: leave --witness out.");
  const { nodesMax } = IMPLEMENTED[protocol];
  const cluster = values.cluster ?? kept.cluster;
  if (!CLUSTER_ID.test(cluster))
    throw new UsageError(`--cluster takes 1 to 32 of a-z, 0-9 and -, a letter first, not "${cluster}".`);
  const nodes = wholeNumber("--nodes", values.nodes ?? String(kept.nodes), 2, nodesMax - (witness ? 1 : 0));
  return { protocol, cluster, nodes, witness };
}

const chipText = (chip: number, { nodes }: Setting): string =>
  chip < nodes ? `the chip of node ${chip}` : "the witness chip";

function dump(
  terminal: Terminal,
  images: ImageFolder,
  chip: number,
  setting: Setting,
  unplugged: boolean,
): void {
  const witness = chip < setting.nodes ? "" : " (witness)";
  const title = `${paint(terminal, "bold", `EEPROM ${chip}`)}${witness}, address ${hex(addressOf(chip), 2)}h`;
  // Nobody can read what it holds.
  if (unplugged) return terminal.write(`${title}: unplugged\n`);
  const memory = images.load(chip);
  const note = images.has(chip) ? "" : " (not there yet: a chip as delivered)";
  terminal.write(`${title}, ${images.file(chip)}${note}\n`);
  if (setting.protocol === "hardened") dumpRecords(terminal, memory, setting);
  else dumpMap(terminal, memory, setting.nodes);
}

type Call =
  | { readonly command: "health-check"; readonly node: number }
  | { readonly command: "reset-node"; readonly node: number; readonly subject: number }
  | { readonly command: "dump"; readonly chip: number | undefined };

/** @throws UsageError when the words are not one of the three calls. */
function readCall(words: readonly string[], setting: Setting): Call {
  const [first = "", second = "", third, ...rest] = words;
  if (first === "dump" && words.length === 1) return { command: "dump", chip: undefined };
  const command = COMMANDS.find((name) => name === (/^\d+$/.test(first) ? second : first));
  if (command === undefined) {
    const near = nearest(second || first, COMMANDS);
    const hint = near === undefined ? `one of: ${COMMANDS.join(", ")}` : `did you mean "${near}"?`;
    throw new UsageError(`"${words.join(" ")}" is not a step; ${hint} See: npm run node -- --help`);
  }
  const number = (what: string, text: string, count = setting.nodes) => wholeNumber(what, text, 0, count - 1);
  if (command === "dump" && words.length === 2)
    return { command, chip: number("the chip", first, chipsOf(setting)) };
  const node = number("the node", first);
  const wanted = command === "reset-node" ? 3 : 2;
  if (words.length !== wanted || rest.length > 0)
    throw new UsageError(
      `${command} takes ${wanted === 2 ? "1 number" : "2 numbers"}. See: npm run node -- --help`,
    );
  return command === "reset-node"
    ? { command, node, subject: number("the node to admit", third ?? "") }
    : { command: "health-check", node };
}

const seatOf = (rig: NodeRig, self: number): NodeContext => ({
  self,
  nodes: rig.setting.nodes,
  chips: chipsOf(rig.setting),
  cluster: rig.setting.cluster,
});

/** @throws UsageError when it is to wake from a sleep that it has not begun. */
function startOf(rig: NodeRig, node: number, cause: ResetCause | undefined): Start {
  const { boots, coldStarts, rtc } = rig.kept(node);
  if (cause === "deep-sleep" && rtc === undefined)
    throw new UsageError(`--cause deep-sleep: node ${node} is not asleep; leave --cause out`);
  const why = cause ?? (rtc === undefined ? "power-on" : "deep-sleep");
  const cold = why === "deep-sleep" ? 0 : 1;
  return { cause: why, boot: boots + cold, coldStarts: coldStarts + cold };
}

/** Printed when the images are saved: a reader that leaves early, as `head` does, must not stop the step halfway. */
async function healthCheck(
  terminal: Terminal,
  rig: NodeRig,
  node: number,
  cause: ResetCause | undefined,
): Promise<void> {
  const protocol = IMPLEMENTED[rig.setting.protocol];
  const start = startOf(rig, node, cause);
  const memory = start.cause === "deep-sleep" ? rig.kept(node).rtc : protocol.cold;
  const said: string[] = [];
  let { boot } = start;
  const { sleep } = await rig.run(
    node,
    protocol.wake(seatOf(rig, node), memory, start),
    (effect) => {
      if (effect.do === "keep-boot") boot = effect.boot;
      if (effect.do === "decide") said.push(...decisionLines(effect.decision, rig.setting));
      if (effect.do === "connect") said.push("joins the network (not here)");
      if (effect.do === "report")
        said.push(`would publish the event ${effect.report.type} about node ${effect.report.subject}`);
      if (effect.do === "publish-reading")
        said.push("would measure and publish a reading; counts it as published");
      return true;
    },
    // Whoever acts sleeps for a period, and each sleep is full here: nobody waits for it.
    (result) => ({
      boots: boot,
      coldStarts: result.sleep === "period" ? 0 : start.coldStarts,
      rtc: result.memory,
    }),
  );
  const why = start.cause === "deep-sleep" ? "" : ` (${start.cause})`;
  terminal.write(`${paint(terminal, "bold", `node ${node} wakes`)}${why}\n`);
  for (const line of said) terminal.write(`  ${line}\n`);
  terminal.write(sleep === "settle" ? "  sleeps for 120 s (settle)\n" : "  sleeps for a full period\n");
}

const changeText = ({ kind, node }: Change): string =>
  kind === "took-over" ? `took over from node ${node}` : `${kind.replaceAll("-", " ")}: node ${node}`;

const ROLE_TEXT = {
  article: { dead: "finds itself marked dead, and does nothing" },
  hardened: { claiming: "claims the role, and may not act yet", dead: "is standby, marked dead" },
} as const satisfies Record<Setting["protocol"], Partial<Record<Decision["role"], string>>>;
const FORMATTED_TEXT = {
  article: "finds blank chips and writes the first map: itself primary, the others dead",
  hardened: "finds no records",
} as const;

function decisionLines(decision: Decision, setting: Setting): string[] {
  const { role, why, term, formatted, changes, unwritable } = decision;
  const { protocol } = setting;
  const lines: string[] = formatted ? [FORMATTED_TEXT[protocol]] : [];
  lines.push(...changes.map(changeText));
  for (const chip of unwritable) lines.push(`could not write ${chipText(chip, setting)}`);
  const reason = why.replaceAll("-", " ");
  if (role === "unknown") return [...lines, `does nothing: ${reason}`];
  const texts: Partial<Record<Decision["role"], string>> = ROLE_TEXT[protocol];
  const terms = protocol === "hardened" ? `, term ${term}: ${reason}` : "";
  return [...lines, `${texts[role] ?? `is ${role}`}${terms}`];
}

async function resetNode(terminal: Terminal, rig: NodeRig, node: number, subject: number): Promise<number> {
  const { protocol } = rig.setting;
  // Typing at the prompt interrupts the firmware: what it had in RTC memory is gone. It is no sign of a fault.
  const coldStarts = 0;
  const start: Start = { cause: "soft", boot: rig.kept(node).boots + 1, coldStarts };
  let { boot } = start;
  const outcome = await rig.run(
    node,
    IMPLEMENTED[protocol].resetNode(seatOf(rig, node), subject, start),
    (effect) => {
      if (effect.do === "keep-boot") boot = effect.boot;
      return undefined;
    },
    () => ({ boots: boot, coldStarts, rtc: undefined }),
  );
  if (!outcome.done) {
    const why = outcome.why === "blank" ? "the chips are blank; run health-check first" : "no chip answers";
    process.stderr.write(`reset-node ${subject}: nothing done: ${why}\n`);
    return 1;
  }
  terminal.write(
    protocol === "hardened"
      ? `node ${node} writes into its record: admit node ${subject}; the primary will do so\n`
      : `node ${subject} is admitted: its dead and retry bits are cleared\n`,
  );
  for (const chip of outcome.unwritable) terminal.write(`  could not write ${chipText(chip, rig.setting)}\n`);
  return 0;
}
