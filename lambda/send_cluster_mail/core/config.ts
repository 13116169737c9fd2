/** The function's environment, parsed once into precise values. */
import * as z from "zod/mini";
import { CLUSTER_ID, NODES_MAX, NODES_MIN } from "../../../lib/contract/topics.ts";
import { MailProblem } from "./errors.ts";

export interface ClusterConfig {
  readonly nodes: number;
  /** Seconds between two checks of a node. */
  readonly sleepS: number;
}

export interface Config {
  readonly clustersTable: string;
  readonly mailFrom: string;
  readonly mailTo: readonly string[];
  /** A Map: `constructor` is a valid cluster id. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  readonly runbookUrl: string;
}

/** One bare address; no display name, no comment, nothing that could start another header or recipient. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

const Clusters = z.record(
  z.string().check(z.regex(CLUSTER_ID)),
  z.strictObject({
    nodes: z.int().check(z.gte(NODES_MIN), z.lte(NODES_MAX)),
    sleep_s: z.int().check(z.gte(1), z.lte(86_400)),
  }),
);

type Environment = Readonly<Record<string, string | undefined>>;

const EXAMPLES = {
  CLUSTERS_TABLE: "clusters",
  MAIL_FROM: "ha2m@example.org",
  MAIL_TO: "me@example.org,you@example.org",
  CLUSTERS: '{"kitchen":{"nodes":2,"sleep_s":900}}',
  RUNBOOK_URL: "https://example.org/RUNBOOK.md",
} as const;
type Name = keyof typeof EXAMPLES;

const invalid = (name: Name, found: string): MailProblem =>
  new MailProblem("ConfigInvalid", `${name} ${found}`, `set it like ${name}=${EXAMPLES[name]}`);

function required(env: Environment, name: Name): string {
  const value = env[name]?.trim();
  if (value === undefined || value === "") throw invalid(name, "is not set");
  return value;
}

function address(name: Name, value: string): string {
  if (!ADDRESS.test(value)) throw invalid(name, `holds ${JSON.stringify(value)}, not a mail address`);
  return value;
}

function clusters(env: Environment): Config["clusters"] {
  const text = required(env, "CLUSTERS");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid("CLUSTERS", "is not JSON");
  }
  const parsed = Clusters.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw invalid("CLUSTERS", `at ${path.join(".") || "its top"}: ${message}`);
  }
  return new Map(
    Object.entries(parsed.data).map(([id, { nodes, sleep_s }]) => [id, { nodes, sleepS: sleep_s }]),
  );
}

function url(env: Environment, name: Name): string {
  const value = required(env, name);
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    throw invalid(name, `is ${JSON.stringify(value)}, not an http(s) URL`);
  return new URL(value).href;
}

/** @throws MailProblem ConfigInvalid: the variable, what was found, an example. */
export const parseConfig = (env: Environment): Config => ({
  clustersTable: required(env, "CLUSTERS_TABLE"),
  mailFrom: address("MAIL_FROM", required(env, "MAIL_FROM")),
  mailTo: required(env, "MAIL_TO")
    .split(",")
    .map((one) => address("MAIL_TO", one.trim())),
  clusters: clusters(env),
  runbookUrl: url(env, "RUNBOOK_URL"),
});
