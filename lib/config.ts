/**
 * The app's configuration: one validated object, or one error that names everything that is wrong with it.
 */
import type * as z from "zod/mini";
import { ClusterSchema, ConfigSchema, EXAMPLE, MailSchema, RetentionSchema } from "./config-schema.ts";
import { nearest } from "./nearest.ts";

/** The name of the configuration in cdk.json's context. */
export const CONFIG_KEY = "ha2m";

/** One cluster. */
export interface ClusterConfig {
  /** 2 to 8. */
  readonly nodes: number;
  /** How long a node sleeps between two wakes, in seconds. */
  readonly sleepS: number;
}

/** Who writes, who is told, and where the runbook is. */
export interface MailConfig {
  readonly from: string;
  /** What SES verifies: `from`, or its domain. */
  readonly identity: string;
  readonly to: readonly string[];
  readonly runbookUrl: string;
}

/** How long things are kept, in days. */
export interface RetentionConfig {
  /** Readings and heartbeats. */
  readonly readingsDays: number;
  /** One of the values that CloudWatch Logs accepts. */
  readonly logsDays: number;
}

/** All that a person can set. */
export interface Ha2mConfig {
  /** A Map: `constructor` is a valid cluster id. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  readonly mail: MailConfig;
  readonly retention: RetentionConfig;
}

/** Names every value that is missing, unknown or malformed, what was found and an example. Meant to be read as it is. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "CFG-001";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    const lines = problems.map((problem) => `  - ${problem}`);
    super(
      [
        `CFG-001 the configuration has ${count}:`,
        ...lines,
        `Correct "${CONFIG_KEY}" in the context of cdk.json.`,
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/**
 * Lambda keeps 4 KB for all of a function's variables: clusters, recipients, sender and runbook URL get this much, the
 * table's name and what the local cloud adds the rest.
 */
const ENVIRONMENT_BYTES_MAX = 3_600;

/**
 * @param value what the context holds: an object, or its JSON when it was given as `--context ha2m=…`
 * @throws ConfigError
 */
export function parseConfig(value: unknown): Ha2mConfig {
  const written = typeof value === "string" ? parseJson(value) : value;
  const parsed = ConfigSchema.safeParse(written);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.flatMap((issue) => describe(issue, written)));
  const config = inCodeTerms(parsed.data);
  const bytes = Buffer.byteLength(
    JSON.stringify([parsed.data.clusters, config.mail.to, config.mail.from, config.mail.runbookUrl]),
  );
  if (bytes > ENVIRONMENT_BYTES_MAX)
    throw new ConfigError([
      `${CONFIG_KEY}: clusters and mail come to ${bytes} bytes, a function's environment holds ${ENVIRONMENT_BYTES_MAX}; use fewer clusters or a mailing list`,
    ]);
  return config;
}

/** Units in the file's names (`sleep_s`) become the code's (`sleepS`). */
function inCodeTerms({ clusters, mail, retention }: ConfigSchema): Ha2mConfig {
  return {
    clusters: new Map(
      Object.entries(clusters).map(([id, { nodes, sleep_s }]) => [id, { nodes, sleepS: sleep_s }]),
    ),
    mail: {
      from: mail.from,
      identity: mail.identity ?? mail.from,
      to: mail.to,
      runbookUrl: mail.runbook_url,
    },
    retention: { readingsDays: retention.readings_days, logsDays: retention.logs_days },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError([
      `${CONFIG_KEY}: found the text ${JSON.stringify(text)}, which is not JSON; write --context ${CONFIG_KEY}='${JSON.stringify(EXAMPLE)}'`,
    ]);
  }
}

type Path = readonly PropertyKey[];
const nameOf = (path: Path): string => [CONFIG_KEY, ...path.map(String)].join(".");

function describe(issue: z.core.$ZodIssue, written: unknown): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => describeUnknown(issue.path, key));
  const name = nameOf(issue.path);
  if (issue.code === "invalid_key")
    return [`${name}: found the name ${JSON.stringify(issue.path.at(-1))}, ${issue.issues[0]?.message}`];
  const found = valueAt(written, issue.path);
  return [
    found === undefined
      ? `${name} is missing: ${issue.message}`
      : `${name}: found ${JSON.stringify(found)}, ${issue.message}`,
  ];
}

function describeUnknown(parent: Path, key: string): string {
  const known = Object.keys(shapeAt(parent));
  const near = nearest(key, known);
  const hint =
    near === undefined ? `known are ${known.join(", ")}` : `did you mean ${nameOf([...parent, near])}?`;
  return `${nameOf([...parent, key])} is unknown: ${hint}`;
}

function shapeAt([first]: Path): object {
  if (first === undefined) return ConfigSchema.shape;
  if (first === "clusters") return ClusterSchema.shape;
  return first === "mail" ? MailSchema.shape : RetentionSchema.shape;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}
