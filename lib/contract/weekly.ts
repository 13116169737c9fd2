/** The weekly report: what `sweep_clusters` has found in the tables, for `send_cluster_mail` to put into words. */
import * as z from "zod/mini";
import { nodeId } from "./messages.ts";

/** Mean temperatures that the picture is drawn from: one an hour. */
export const WEEK_HOURS = 168;
/** A week, in ms. */
export const WEEK_MS = WEEK_HOURS * 3_600_000;
/** More incidents are not listed. */
export const WEEKLY_INCIDENTS_MAX = 400;

const whole = z.int().check(z.gte(0));
const text = z.string().check(z.maxLength(40));

const ClusterWeek = z.strictObject({
  cluster_id: text,
  /** Readings, one a sleep of the configuration, from the first of the first report's week on. */
  due: whole,
  stored: whole,
  /** null: there is no reading. */
  temperatures_c: z.nullable(z.strictObject({ lowest: z.number(), mean: z.number(), highest: z.number() })),
  /** How often another node published under a newer term than before. */
  failovers: whole,
  /** Of each hour of the week; null: no reading. */
  hourly_c: z.array(z.nullable(z.number())).check(z.maxLength(WEEK_HOURS)),
  batteries: z
    .array(
      z.strictObject({
        node: nodeId,
        mv: whole,
        /** null: the voltage does not fall, or is too far from empty for a forecast. */
        days_left: z.nullable(z.number()),
      }),
    )
    .check(z.maxLength(8)),
});
/** One cluster's week; parsed. */
export type ClusterWeek = z.infer<typeof ClusterWeek>;

const IncidentWeek = z.strictObject({
  cluster_id: text,
  /** `node-dead`, … */
  kind: text,
  subject: whole,
  firing: z.boolean(),
  /** Since the incident is known: what the next report counts from. */
  episodes_ever: whole,
  /** By channel. */
  mails_ever: z.record(z.string(), whole),
  /** In this week. */
  episodes: whole,
  mails: z.record(z.string(), whole),
});
/** What became of one incident in the week; parsed. */
export type IncidentWeek = z.infer<typeof IncidentWeek>;

/** A week of all clusters; times are epoch ms. */
export const WeeklyReport = z.strictObject({
  from_ms: whole,
  until_ms: whole,
  clusters: z.array(ClusterWeek).check(z.maxLength(200)),
  incidents: z.array(IncidentWeek).check(z.maxLength(WEEKLY_INCIDENTS_MAX)),
});
/** A parsed report. */
export type WeeklyReport = z.infer<typeof WeeklyReport>;
