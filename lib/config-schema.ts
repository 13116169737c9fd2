/**
 * The configuration as a person writes it: `ha2m` in cdk.json's context. Every rule carries what it expects and an
 * example, so that an error can say both.
 */
import * as z from "zod/mini";
import { CLUSTER_ID, NODES_MAX, NODES_MIN } from "./contract/topics.ts";

const expected = (what: string, example: unknown): string =>
  `expected ${what}, for example ${JSON.stringify(example)}`;

/** A whole configuration, for errors about it and about its sections. */
export const EXAMPLE = {
  clusters: { kitchen: { nodes: 2, sleep_s: 900 } },
  mail: {
    from: "ha2m@example.com",
    to: ["you@example.com"],
    runbook_url: "https://example.com/ha2m/RUNBOOK.md",
  },
  retention: { readings_days: 365, logs_days: 30 },
};

const wholeNumber = (min: number, max: number, example: number) => {
  const error = expected(`a whole number from ${min} to ${max}`, example);
  return z.int(error).check(z.gte(min, error), z.lte(max, error));
};

const text = (pattern: RegExp, lengthMax: number, what: string, example: string) => {
  const error = expected(what, example);
  return z.string(error).check(z.regex(pattern, error), z.maxLength(lengthMax, error));
};

const DOMAIN = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+";
// Narrower than RFC 5322: no comma (recipients are joined by it), and no * ? $ (wildcards in a policy's resource).
const LOCAL_PART = "[A-Za-z0-9._%+='~-]{1,64}";
/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const ADDRESS_LENGTH_MAX = 254;

const address = (example: string) =>
  text(new RegExp(`^${LOCAL_PART}@${DOMAIN}$`), ADDRESS_LENGTH_MAX, "a bare mail address", example);

/** Days that a CloudWatch log group may keep its events (PutRetentionPolicy, `retentionInDays`). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** One cluster: how many nodes, and how long each sleeps. */
export const ClusterSchema = z.strictObject(
  { nodes: wholeNumber(NODES_MIN, NODES_MAX, 2), sleep_s: wholeNumber(1, 86_400, 900) },
  expected("an object", EXAMPLE.clusters.kitchen),
);

const clustersExpected = expected("at least one cluster", EXAMPLE.clusters);
const clusterIdExpected = expected("a cluster id: 1 to 32 of a-z, 0-9 and -, a letter first", "kitchen");

const covers = (identity: string, from: string): boolean => {
  const [wanted, address] = [identity.toLowerCase(), from.toLowerCase()];
  return address === wanted || address.endsWith(`@${wanted}`) || address.endsWith(`.${wanted}`);
};
const identityExpected = expected("ha2m.mail.from itself or its domain", "example.com");

/** Who writes, who is told, and where the runbook is. */
export const MailSchema = z
  .strictObject(
    {
      /** The sender. */
      from: address("ha2m@example.com"),
      /** What SES verifies: the sender's address (the default) or its domain. */
      identity: z.optional(
        text(
          new RegExp(`^(?:${LOCAL_PART}@)?${DOMAIN}$`),
          ADDRESS_LENGTH_MAX,
          "a mail address or a domain",
          "example.com",
        ),
      ),
      /** Who is told. */
      to: z
        .array(address("you@example.com"), expected("a list of mail addresses", ["you@example.com"]))
        // SES takes 50 recipients a mail.
        .check(
          z.minLength(1, expected("at least one mail address", ["you@example.com"])),
          z.maxLength(50, expected("at most 50 mail addresses", ["you@example.com"])),
        ),
      /** Where the reader of a mail finds RUNBOOK.md; mails link to its sections. */
      runbook_url: text(
        /^https?:\/\/[^\s#"<>]+$/,
        500,
        "an http(s) URL without #",
        "https://example.com/ha2m/RUNBOOK.md",
      ),
    },
    expected("an object", EXAMPLE.mail),
  )
  .check(
    z.refine(({ from, identity }) => identity === undefined || covers(identity, from), {
      path: ["identity"],
      error: identityExpected,
    }),
  );

/** How long things are kept, in days. */
export const RetentionSchema = z.strictObject(
  {
    /** Readings and heartbeats. */
    readings_days: wholeNumber(1, 3_650, 365),
    logs_days: z.literal(LOG_RETENTION_DAYS, expected(`one of ${LOG_RETENTION_DAYS.join(", ")}`, 30)),
  },
  expected("an object", EXAMPLE.retention),
);

/** The whole of `ha2m`. */
export const ConfigSchema = z.strictObject(
  {
    clusters: z
      .record(z.string().check(z.regex(CLUSTER_ID, clusterIdExpected)), ClusterSchema, clustersExpected)
      .check(z.refine((clusters) => Object.keys(clusters).length > 0, clustersExpected)),
    mail: MailSchema,
    retention: RetentionSchema,
  },
  expected("an object", EXAMPLE),
);
/** The configuration as written, with units in its names. */
export type ConfigSchema = z.infer<typeof ConfigSchema>;
