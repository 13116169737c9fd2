/** `npm run acknowledge`: what the link in a mail does, for those who do not want it deployed. */
import { openAnswers } from "../../lambda/adapters/answers.ts";
import type { Answer } from "../../lambda/core/answer.ts";
import { NAME_GIVEN, NAME_LENGTH_MAX } from "../../lambda/core/recipients.ts";
import { BACKEND, INCIDENT_KINDS, type IncidentId, type IncidentKind } from "../../lib/contract/incidents.ts";
import { CLUSTERS_KEY } from "../../lib/contract/tables.ts";
import { CLUSTER_ID } from "../../lib/contract/topics.ts";
import { nearest } from "../../lib/nearest.ts";
import { parseDuration } from "../scenario/durations.ts";
import { parseFlags, UsageError, wholeNumber } from "./shared/arguments.ts";
import { runCommand } from "./shared/run-command.ts";
import { explained, nowAt, PLACE_FLAGS, placeHelp, placeOf } from "./shared/table-target.ts";

const COMMAND = "acknowledge";
const CLUSTERS = { what: "clusters", sortKey: CLUSTERS_KEY.sort, output: "ClustersTable" } as const;
/** Nodes, or chips: one more than there can be nodes. */
const SUBJECT_MAX = 8;
const SNOOZE_MAX_DAYS = 30;
const DAY_MS = 86_400_000;

const HELP = `Acknowledges an incident: no more reminders until it is over and starts again.
The mail that says it is over still comes.

  npm run acknowledge -- CLUSTER KIND SUBJECT [options]

  CLUSTER, KIND,      as in the mail's runbook link and headers, for example
  SUBJECT             kitchen node-dead 0. The backend's cluster is '*'.
                      SUBJECT is the number of a node or chip, otherwise 0
  --by NAME           who handles it: the others who were told hear so within a
                      sweep. As in the mail's To, before the @, or any name
  --snooze TIME       no reminders for this time only: 24h, 7d; at most ${SNOOZE_MAX_DAYS}d
${placeHelp(CLUSTERS.what)}  --help

Exit code: 0 recorded; 1 no such incident is firing; 2 the command line was
wrong, or the table could not be reached.
`;

const FLAGS = {
  by: { type: "string" },
  snooze: { type: "string" },
  ...PLACE_FLAGS,
  help: { type: "boolean", short: "h" },
} as const;

/** `npm run acknowledge`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(HELP);
      return values.help === true ? 0 : 2;
    }
    const id = incidentOf(positionals);
    const snoozedMs = snoozedFor(values.snooze);
    const by = nameGiven(values.by, snoozedMs);
    const place = placeOf(COMMAND, CLUSTERS, values);
    const nowMs = nowAt(place);
    const answer: Answer =
      snoozedMs === undefined
        ? { kind: "acknowledge", ...(by === undefined ? {} : { by }) }
        : { kind: "snooze", untilMs: Math.ceil(nowMs + snoozedMs) };
    try {
      const result = await explained(
        openAnswers(place.table, place.client).note(id, undefined, answer, nowMs),
        place,
        "written",
      );
      process.stdout.write(`${said(id, answer, result)}\n`);
      return result === "noted" ? 0 : 1;
    } finally {
      place.client.destroy();
    }
  });

const nameOf = ({ clusterId, kind, subject }: IncidentId): string => `${clusterId} ${kind} ${subject}`;

function said(id: IncidentId, answer: Answer, result: "noted" | "not-firing"): string {
  if (result === "not-firing") return `${nameOf(id)} is not firing: there is nothing to answer.`;
  const until =
    answer.kind === "acknowledge"
      ? `acknowledged${answer.by === undefined ? "" : ` by ${answer.by}`}: no more reminders until it is over and starts again`
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
    throw new UsageError(`"${clusterId}" is neither a cluster id, such as kitchen, nor '${BACKEND}'.`);
  return { clusterId, kind: kindOf(kindText), subject: wholeNumber("SUBJECT", subjectText, 0, SUBJECT_MAX) };
}

function kindOf(text: string): IncidentKind {
  const found = INCIDENT_KINDS.find((kind) => kind === text);
  if (found !== undefined) return found;
  const near = nearest(text, INCIDENT_KINDS);
  const hint = near === undefined ? `one of ${INCIDENT_KINDS.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`"${text}" is not a kind of incident: ${hint}`);
}

function nameGiven(by: string | undefined, snoozedMs: number | undefined): string | undefined {
  if (by === undefined) return undefined;
  if (snoozedMs !== undefined)
    throw new UsageError("--by says who handles it; with --snooze nobody does. Leave one of the two out.");
  if (!NAME_GIVEN.test(by))
    throw new UsageError(
      `--by takes a name or a mail address of ${NAME_LENGTH_MAX} letters at most, such as ann, not ${JSON.stringify(by)}.`,
    );
  return by;
}

function snoozedFor(snooze: string | undefined): number | undefined {
  if (snooze === undefined) return undefined;
  const ms = (parseDuration(snooze) ?? 0) / 1_000;
  if (ms <= 0 || ms > SNOOZE_MAX_DAYS * DAY_MS)
    throw new UsageError(
      `--snooze takes a time such as 24h or 7d, ${SNOOZE_MAX_DAYS}d at most, not "${snooze}".`,
    );
  return ms;
}
