/** What stands above the timeline, and the commands below the summary. */
import { inSeconds } from "../../engine/time.ts";
import type { LocalCloud } from "../../local-cloud/local-cloud.ts";
import type { ChosenCluster } from "../shared/cluster-choice.ts";
import { hanging } from "../shared/hanging-indent.ts";
import { paint, type Terminal } from "../shared/terminal.ts";
import type { Options } from "./options.ts";

const DAY_S = 86_400;

/** Prints what is about to be played. */
export function printHeading(
  terminal: Terminal,
  { scenario, protocol, seed, duration }: Options,
  cluster: ChosenCluster,
  cloud: LocalCloud,
): void {
  const days = Math.round((inSeconds(duration) / DAY_S) * 100) / 100;
  const lines = [
    `cluster ${cluster.name} of ${cluster.played} nodes, ${protocol.name} protocol, ${days} days, seed ${seed}`,
    ...(cluster.configured === cluster.played
      ? []
      : [`${cluster.name} has ${cluster.configured} nodes in cdk.json; played with ${cluster.played}`]),
    `mqtts://${cloud.mqtt.host}:${cloud.mqtt.port}  inbox ${cloud.ses.inbox}`,
  ];
  const missing = cloud.notEmulated.map(({ type, count }) => (count === 1 ? type : `${count} ${type}`));
  terminal.write(hanging(terminal, `${scenario.name}  `, scenario.line, "bold"));
  for (const line of lines) terminal.write(`${paint(terminal, "dim", line)}\n`);
  if (missing.length > 0)
    terminal.write(hanging(terminal, "in the template, not emulated here: ", missing.join(", "), "dim"));
  const { fails } = protocol.answer;
  if (fails !== undefined)
    terminal.write(hanging(terminal, `the ${protocol.name} protocol fails here: `, fails, "yellow"));
  terminal.write("\n");
}

/** A command or a file, and what it is good for. */
export type NextStep = readonly [command: string, what: string];

/** Commands that follow on a run, with what each is for. */
export function nextSteps({ keep, again, seed, scenario }: Options, { ses }: LocalCloud): NextStep[] {
  const simulate = `npm run simulate -- ${again}`;
  return [
    keep
      ? [ses.inbox, "the mails, in a browser"]
      : [`${simulate}--keep`, "then: the mails in a browser, the tables by any DynamoDB client"],
    [`${simulate}--trace trace.txt`, `every bus transaction of ${scenario.name}, seed ${seed}`],
    ["npm run node -- 0 health-check", "the protocol by hand, one wake at a time, on EEPROM images"],
    ["RUNBOOK.md", "what to do about each mail"],
  ];
}
