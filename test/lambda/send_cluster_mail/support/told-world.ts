/** Plays a story in a world: what the nodes say goes through both functions and the tables, and mails come of it. */
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { openAnswers } from "../../../../lambda/adapters/answers.ts";
import { openMutes } from "../../../../lambda/adapters/mutes.ts";
import { readAnswerToken } from "../../../../lambda/core/answer-token.ts";
import type { Resolved } from "../../../../lambda/core/incident.ts";
import type { DeliveredEvent } from "../../../../lib/contract/messages.ts";
import { heartbeatKey, READINGS_KEY } from "../../../../lib/contract/tables.ts";
import { type Heard, type LivedOn, play, QUARTER_MS } from "../../sweep_clusters/support/life-model.ts";
import { lifeOf } from "../../sweep_clusters/support/life-stories.ts";
import type { Life } from "../../sweep_clusters/support/lives.ts";
import type { LocalDynamo } from "./dynamodb.ts";
import { death, environment, MINUTE_MS, NOON_MS, recovery } from "./fixtures.ts";
import { type Act, ATTIC_NODES, type AtticNode, CLUSTERS, RECIPIENTS, type Story } from "./told-stories.ts";
import { ANSWER_KEY, linksIn, World } from "./world.ts";

const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

/** The events of a node: its death is reported every quarter of an hour, now and then by two nodes, its recovery once. */
function eventsOf({ subject, spans, endsOut }: AtticNode, startMs: number): readonly DeliveredEvent[] {
  const startMin = (startMs - NOON_MS) / MINUTE_MS;
  const common = { cluster_id: "attic", subject };
  const node = (subject + 1) % ATTIC_NODES;
  let quarter = 0;
  return spans.flatMap(([well, out], i) => {
    quarter += well;
    const reports = Array.from({ length: out }, (_, k) => {
      const minute = startMin + (quarter + k) * 15;
      const one = death({ ...common, minute, node });
      return k % 3 === 0 ? [one, death({ ...common, minute, node: (subject + 2) % ATTIC_NODES })] : [one];
    }).flat();
    quarter += out;
    if (i === spans.length - 1 && endsOut) return reports;
    return [...reports, recovery({ ...common, minute: startMin + quarter * 15, node })];
  });
}

/** A time in which mails wait: SES is down, or somebody has muted a cluster. Epoch ms. */
export interface Wait {
  readonly what: "ses-down" | "kitchen" | "attic";
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What came of a story. */
export interface Told {
  readonly world: World;
  readonly life: Life;
  readonly chapters: ReturnType<typeof lifeOf>;
  /** Of `RECIPIENTS`, from when on; oldest first. */
  readonly recipients: readonly { readonly fromMs: number; readonly version: number }[];
  /** Of `CLUSTERS`. */
  readonly clusters: Told["recipients"];
  readonly waits: readonly Wait[];
}

class ToldWorld implements LivedOn {
  readonly world: World;
  readonly recipients: { fromMs: number; version: number }[];
  readonly waits: Wait[] = [];
  readonly clusters = [{ fromMs: 0, version: 0 }];
  readonly #story: Story;
  #sesUpMs = 0;
  #readingsDays = 30;
  /** By node, epoch ms. */
  readonly #heardMs = new Map<number, number>();

  constructor({ client }: LocalDynamo, table: string, readings: string, story: Story) {
    this.#story = story;
    const { startMs } = story.tale;
    this.recipients = [{ fromMs: 0, version: 0 }];
    this.world = new World(
      client,
      table,
      {
        ...environment,
        READINGS_TABLE: readings,
        ANSWER_URL: "https://answer.example.org/",
        ANSWER_KEY_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:111122223333:secret:ha2m-a1b2c3",
        CLUSTERS: CLUSTERS[0]!,
        ALERTS: JSON.stringify({ sweep_minutes: 15, storm_limit: story.stormLimit }),
        MAIL_TO: JSON.stringify(RECIPIENTS[0]!.to),
      },
      startMs,
      story.chance,
    );
    const events = story.attic.flatMap((node) => eventsOf(node, startMs));
    for (const event of [...events].sort((x, y) => x.received_at - y.received_at))
      this.world.invoke(event, "send", event.received_at);
  }

  async begin(quarter: number, atMs: number): Promise<void> {
    await this.world.until(atMs);
    if (this.world.sesDown && atMs >= this.#sesUpMs) this.world.sesDown = false;
    for (const one of this.#story.acts) if (one.quarter === quarter) await this.#act(one.act, atMs);
    await this.#expire(atMs);
  }

  async #act(act: Act, atMs: number): Promise<void> {
    const { world } = this;
    const mutes = openMutes(world.table, world.client);
    if (act.do === "recipients") {
      world.configure({ MAIL_TO: JSON.stringify(RECIPIENTS[act.version]!.to) });
      this.recipients.push({ fromMs: atMs, version: act.version });
    } else if (act.do === "clusters") {
      world.configure({ CLUSTERS: CLUSTERS[act.version]! });
      this.clusters.push({ fromMs: atMs, version: act.version });
    } else if (act.do === "readings-days") this.#readingsDays = act.days;
    else if (act.do === "ses-down") {
      world.sesDown = true;
      this.#sesUpMs = Math.max(this.#sesUpMs, atMs + act.quarters * QUARTER_MS);
      this.waits.push({ what: "ses-down", fromMs: atMs, untilMs: this.#sesUpMs });
    } else if (act.do === "mute") {
      const untilMs = atMs + act.quarters * QUARTER_MS;
      await mutes.begin(act.cluster, { fromMs: atMs, untilMs });
      this.waits.push({ what: act.cluster, fromMs: atMs, untilMs });
    } else if (act.do === "unmute") await mutes.end(act.cluster, atMs);
    else await this.#answer(atMs, act.by);
  }

  async #answer(atMs: number, by: string | undefined): Promise<void> {
    const { world } = this;
    const [token] = world.mails.map(({ text }) => linksIn(text)).findLast((links) => links.length > 0) ?? [];
    if (token === undefined) return;
    const read = readAnswerToken(token, ANSWER_KEY, atMs);
    if (!read.valid) throw new Error(`a link that does not count: ${read.why}`);
    const { clusterId, kind, subject, episode } = read.about;
    const answers = openAnswers(world.table, world.client);
    await answers.note(
      { clusterId, kind, subject },
      episode,
      { kind: "acknowledge", ...(by === undefined ? {} : { by }) },
      atMs,
    );
  }

  /** As soon as DynamoDB may, by the items' TTL. */
  async #expire(atMs: number): Promise<void> {
    for (const [node, heardMs] of this.#heardMs) {
      if (atMs < heardMs + this.#readingsDays * DAY_MS) continue;
      this.#heardMs.delete(node);
      const Key = { cluster_id: { S: "kitchen" }, item_key: { S: heartbeatKey(node) } };
      await this.world.client.send(new DeleteItemCommand({ TableName: this.world.table, Key }));
    }
  }

  async sweep(atMs: number): Promise<void> {
    this.world.sweep(atMs);
    await this.world.until(atMs);
  }

  async hear({ node, received_at, ...reading }: Heard): Promise<void> {
    this.#heardMs.set(node, received_at);
    await this.world.heartbeat("kitchen", node, received_at, reading);
  }

  async take(event: Readonly<Record<string, unknown>>, atMs: number): Promise<void> {
    this.world.invoke(event, "send", atMs);
    await this.world.until(atMs);
  }
}

/** The longest that anything is put off: a night, then hours without change, and an attempt that is made every four hours. */
const CALM_HOURS = 20;

/** After the story: nothing fails any more, the primary goes on, an hour at a time. */
async function calmDown(told: ToldWorld, story: Story, last: Heard | undefined, endMs: number) {
  const { world } = told;
  world.calm = true;
  world.sesDown = false;
  let atMs = endMs;
  const hour = async () => {
    if (last !== undefined)
      await world.heartbeat("kitchen", last.node, atMs - MINUTE_MS, {
        ...last,
        received_at: atMs - MINUTE_MS,
        measured_at: new Date(atMs - 2 * MINUTE_MS).toISOString(),
      });
    await told.sweep(atMs);
    atMs += HOUR_MS - 2 * MINUTE_MS;
  };
  await hour();
  while (world.lastDueMs > atMs) await hour();
  for (const payload of world.lost.splice(0)) world.invoke(payload);
  await world.until(atMs);
  // A report while it fires leaves no mark, and a recovery from before it ends the incident until the next report.
  for (const { subject, endsOut } of story.attic)
    if (endsOut) {
      const minute = (atMs - NOON_MS) / MINUTE_MS;
      world.invoke(death({ cluster_id: "attic", subject, minute, node: (subject + 1) % ATTIC_NODES }));
    }
  for (let hours = 0; hours < CALM_HOURS; hours++) await hour();
}

let tables = 0;

/** The story, then a day without trouble. */
export async function toldStory(dynamo: LocalDynamo, story: Story): Promise<Told> {
  const [table, readings] = [`clusters-${tables}`, `readings-${tables++}`];
  await dynamo.makeTable(table);
  await dynamo.makeTable(readings, READINGS_KEY);
  const told = new ToldWorld(dynamo, table, readings, story);
  const { world } = told;
  const lived = await play(story.tale.chapters, told, story.tale.startMs);
  const endMs = lived.startMs + lived.truths.length * QUARTER_MS;
  await world.until(endMs);
  const reported = (await world.items("*")).flatMap(({ facts, episode }) =>
    facts.kind === "weekly" ? [{ atMs: episode.openedMs, report: facts.report }] : [],
  );
  const last = lived.heard.at(-1);
  await calmDown(told, story, last, endMs);
  const turns = world.changes.filter(({ cluster }) => cluster === "kitchen");
  const kitchen = await world.items("kitchen");
  const firing = kitchen.filter((one): boolean => one.state !== ("resolved" satisfies Resolved["state"]));
  // In the calm chapter one node alone is heard, on a clock that is right.
  const calm = { wrong: [0, 0], right: [0, 1].map((node) => (node === last?.node ? CALM_HOURS : 0)) };
  const life = {
    ...lived,
    readings: [...lived.readings, calm],
    turns,
    reports: reported,
    firing: new Set(firing.map(({ id }) => `${id.kind}#${id.subject}`)),
  };
  const { recipients, clusters, waits } = told;
  return { world, life, chapters: lifeOf(story.tale), recipients, clusters, waits };
}
