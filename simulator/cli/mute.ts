/** `npm run mute`: maintenance. A person at work on a cluster puts its mails off for a time that ends by itself. */
import { type Mutes, openMutes } from "../../lambda/adapters/mutes.ts";
import { CLUSTERS_KEY } from "../../lib/contract/tables.ts";
import { CLUSTER_ID } from "../../lib/contract/topics.ts";
import { parseDuration } from "../scenario/durations.ts";
import { parseFlags, UsageError } from "./shared/arguments.ts";
import { runCommand } from "./shared/run-command.ts";
import { explained, nowAt, PLACE_FLAGS, placeHelp, placeOf } from "./shared/table-target.ts";

type Mute = Parameters<Mutes["begin"]>[1];

const COMMAND = "mute";
const CLUSTERS = { what: "clusters", sortKey: CLUSTERS_KEY.sort, output: "ClustersTable" } as const;
const MUTE_MAX_DAYS = 7;
const DAY_MS = 86_400_000;

const HELP = `Mutes a cluster while you work on it: its mails are put off until the mute ends.
It ends by itself. What fires then is told then; what came and went meanwhile
is not, and the next mails say how long the cluster was muted.

  npm run mute -- CLUSTER --for TIME [options]
  npm run mute -- CLUSTER --end [options]

  --for TIME          how long: 3h, 90m; at most ${MUTE_MAX_DAYS}d
  --from INSTANT      from when, such as 2026-12-24T08:00Z (default: now)
  --end               ends the mute now, or calls off one that is ahead
${placeHelp(CLUSTERS.what)}  --help

A new mute takes the place of the one before.

Exit code: 0 recorded; 1 nothing to end; 2 the command line was wrong, or the
table could not be reached.
`;

const FLAGS = {
  for: { type: "string" },
  from: { type: "string" },
  end: { type: "boolean" },
  ...PLACE_FLAGS,
  help: { type: "boolean", short: "h" },
} as const;

/** `npm run mute`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(HELP);
      return values.help === true ? 0 : 2;
    }
    const clusterId = clusterOf(positionals);
    const muteAt = values.end === true ? ending(values) : muteOf(values);
    const place = placeOf(COMMAND, CLUSTERS, values);
    const nowMs = Math.ceil(nowAt(place));
    const mutes = openMutes(place.table, place.client);
    try {
      if (muteAt === undefined) {
        const result = await explained(mutes.end(clusterId, nowMs), place, "written");
        process.stdout.write(
          result === "ended"
            ? `${clusterId} is muted no more: what is due is sent at the next sweep.\n`
            : `${clusterId} is not muted.\n`,
        );
        return result === "ended" ? 0 : 1;
      }
      const mute = muteAt(nowMs);
      await explained(mutes.begin(clusterId, mute), place, "written");
      process.stdout.write(
        `${clusterId} is muted from ${instantOf(mute.fromMs)} to ${instantOf(mute.untilMs)}.\n`,
      );
      return 0;
    } finally {
      place.client.destroy();
    }
  });

const instantOf = (epochMs: number): string => new Date(epochMs).toISOString();

function clusterOf([clusterId = "", ...more]: readonly string[]): string {
  if (more.length > 0)
    throw new UsageError(`${COMMAND} takes one cluster. See: npm run ${COMMAND} -- --help`);
  if (!CLUSTER_ID.test(clusterId))
    throw new UsageError(`"${clusterId}" is not a cluster id, such as kitchen.`);
  return clusterId;
}

interface Times {
  readonly for?: string | undefined;
  readonly from?: string | undefined;
}

function ending(values: Times): undefined {
  if (values.for !== undefined || values.from !== undefined)
    throw new UsageError("--end ends the mute now: leave out --for and --from.");
  return undefined;
}

/** @returns the mute, once it is known what time it is */
function muteOf(values: Times): (nowMs: number) => Mute {
  const ms = (parseDuration(values.for ?? "") ?? 0) / 1_000;
  if (ms <= 0 || ms > MUTE_MAX_DAYS * DAY_MS)
    throw new UsageError(
      `${COMMAND} takes --for with a time such as 3h or 90m, ${MUTE_MAX_DAYS}d at most${values.for === undefined ? "" : `, not "${values.for}"`}.`,
    );
  const from = fromOf(values.from);
  return (nowMs) => {
    const fromMs = from ?? nowMs;
    const untilMs = Math.ceil(fromMs + ms);
    if (untilMs <= nowMs)
      throw new UsageError("A mute that is over by now mutes nothing: give a later --from.");
    return { fromMs, untilMs };
  };
}

function fromOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `--from takes an instant with its offset, such as 2026-12-24T08:00Z or 2026-12-24T08:00+01:00, not "${text}".`,
    );
  return ms;
}
