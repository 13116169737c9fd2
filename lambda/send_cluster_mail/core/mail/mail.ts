/** A mail as values, ready to be put into MIME. */
import { BACKEND, type IncidentId, isBulletin } from "../../../../lib/contract/incidents.ts";
import { KEY_SEPARATOR } from "../../../../lib/contract/tables.ts";
import { signAnswerToken } from "../../../core/answer-token.ts";
import { MailProblem } from "../../../core/errors.ts";
import type { Subjects } from "../../../core/policy.ts";
import { composeAcknowledged } from "./acknowledged.ts";
import { type ComposeConfig, composeMail, placeOf, runbookSection } from "./compose-mail.ts";
import { composeDigest } from "./digest.ts";
import { renderHtml } from "./html.ts";
import type { MailContent, State } from "./mail-content.ts";
import type { Addressed, DigestContext, MailContext, WeeklyContext } from "./mail-context.ts";
import { renderText } from "./text.ts";
import { composeWeekly } from "./weekly.ts";

/** A mail as it is handed to SES, text and HTML of the same content. */
export interface Mail {
  /** The sender's bare address, and the name that an inbox shows for it: `ha2m kitchen`. */
  readonly from: string;
  readonly fromName: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** For mail filters and the local inbox: `X-Ha2m-Cluster`, `X-Ha2m-Incident`, `X-Ha2m-State`. */
  readonly labels: { readonly cluster: string; readonly incident: string; readonly state: State };
  /** `<…>`, of this mail. SES replaces it, so nothing may rely on it. */
  readonly messageId: string;
  /**
   * `<…>`, a mail that never was: what all mails of a thread answer, and so are shown under one another
   * (RFC 5322 §3.6.4). A real first mail cannot serve: SES gives it a Message-ID that nobody here learns in time.
   */
  readonly threadRoot: string;
  /** The same for all mails of a deployment (RFC 2919): what a reader's filter can go by. */
  readonly listId: string;
  /**
   * Where it says how to get fewer of these mails, or none (RFC 2369 §3.2). There is no one-click form (RFC 8058): a mail
   * program, or a filter that follows links, could switch off the alarm of everybody behind an address, and silence would
   * then mean that all is well. Recipients are those whom the owner of the deployment has named; there is no list to leave.
   */
  readonly unsubscribeUrl: string;
  /** Epoch ms. */
  readonly dateMs: number;
  readonly text: string;
  readonly html: string;
  /** Shown in the HTML, which names each by its Content-ID (RFC 2392), here without angle brackets. */
  readonly pictures: readonly { readonly contentId: string; readonly png: Uint8Array }[];
}

/** What every mail has in common: sender, deployment, runbook, and where it can be answered. */
export interface MailConfig extends ComposeConfig {
  readonly mailFrom: string;
  /** `constant`: all mails of a thread have one subject, for programs that group by it as well. */
  readonly subjects: Subjects;
  /** Where a reader can acknowledge, and what signs the links; absent where that is not deployed. */
  readonly answer?: { readonly url: string; readonly key: Uint8Array };
}

/** For so long a link works after its mail: longer than the longest pause between two reminders, each of which has its own. */
export const LINK_LIFE_MS = 14 * 86_400_000;

/**
 * Header values end at the first line break: what follows would be a header, or the body, of somebody else's making.
 * @throws MailProblem HeaderUnsafe. Everything that goes into a header is validated before; this is the last gate.
 */
export function headerSafe(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(value))
    throw new MailProblem(
      "HeaderUnsafe",
      `${name} holds a control character`,
      "nothing was sent; report this",
    );
  return value;
}

/** `*` stands for the backend in a key; in a Message-ID it would be allowed, and in a filter a wildcard. */
const BACKEND_WORD = "backend";
const idPart = ({ clusterId, kind, subject }: IncidentId): string =>
  `${clusterId === BACKEND ? BACKEND_WORD : clusterId}.${kind}.${subject}`;

/** What may stand in a Message-ID without quotes (RFC 5322 §3.2.3). */
const atom = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, "-");

interface Identity {
  readonly thread: string;
  /** Of all mails of the thread, where subjects are constant. */
  readonly topic?: string;
  /** What tells a mail from the others of its thread. */
  readonly own: string;
  readonly cluster: string;
  readonly incident: string;
}

const identityOf = (id: IncidentId, thread: string, own: string): Identity => ({
  thread,
  own,
  cluster: id.clusterId,
  incident: `${id.kind}${KEY_SEPARATOR}${id.subject}`,
});

/** The content as a mail: text, HTML, headers. */
export function mailOf(content: MailContent, about: Addressed, identity: Identity, config: MailConfig): Mail {
  const domain = config.mailFrom.slice(config.mailFrom.lastIndexOf("@") + 1);
  const { to, channel, claims } = about;
  const thread = `${config.name}.${identity.thread}`;
  const messageId = `${thread}.${identity.own}.${atom(channel)}.${claims}@${domain}`;
  const subject =
    config.subjects === "constant" && identity.topic !== undefined
      ? `[${config.name}] ${identity.topic}`
      : content.subject;
  const pictureIdOf = (index: number) => `picture-${index}.${messageId}`;
  return {
    from: headerSafe("From", config.mailFrom),
    fromName: headerSafe(
      "From",
      identity.cluster === BACKEND ? config.name : `${config.name} ${identity.cluster}`,
    ),
    to: to.map((one) => headerSafe("To", one)),
    subject: headerSafe("Subject", subject),
    labels: {
      cluster: headerSafe("X-Ha2m-Cluster", identity.cluster),
      incident: headerSafe("X-Ha2m-Incident", identity.incident),
      state: content.state,
    },
    messageId: headerSafe("Message-ID", `<${messageId}>`),
    threadRoot: headerSafe("References", `<${thread}@${domain}>`),
    listId: headerSafe("List-Id", `${config.name}.${domain}`),
    unsubscribeUrl: headerSafe("List-Unsubscribe", runbookSection(config.runbookUrl, "fewer-mails")),
    dateMs: about.nowMs,
    text: renderText(content),
    html: renderHtml(content, pictureIdOf),
    pictures: content.pictures.map(({ png }, i) => ({
      contentId: headerSafe("Content-ID", pictureIdOf(i)),
      png,
    })),
  };
}

/** `kitchen: node-dead 0`: what does not change while an incident does. */
const topicOf = ({ clusterId, kind, subject }: IncidentId): string =>
  `${placeOf(clusterId)}: ${kind}${SINGULAR.some((one) => one === kind) ? "" : ` ${subject}`}`;

/** Kinds of which a cluster has one incident: their number says nothing. */
const SINGULAR: readonly IncidentId["kind"][] = [
  "cluster-silent",
  "split-brain",
  "sensor-disagreeing",
  "backend-failing",
];

/** What a link answers: one episode of one incident. */
interface Asked {
  readonly id: IncidentId;
  readonly episode: number;
  readonly nowMs: number;
}

function answerUrlOf({ id, episode, nowMs }: Asked, { answer }: MailConfig): string | undefined {
  if (answer === undefined || isBulletin(id.kind)) return undefined;
  const { clusterId, kind, subject } = id;
  const url = new URL(answer.url);
  const asked = { clusterId, kind, subject, episode, expiresMs: nowMs + LINK_LIFE_MS };
  url.searchParams.set("t", signAnswerToken(asked, answer.key));
  // Mail programs find links in plain text by themselves, and some end them at an asterisk.
  return url.href.replaceAll("*", "%2A");
}

/** What tells a mail from the others of its episode. */
const ownOf = ({ kind, reminders, acknowledgedMs }: MailContext): string => {
  if (kind === "reminder") return `${kind}-${reminders}`;
  return kind === "acknowledged" ? `${kind}-${acknowledgedMs}` : kind;
};

/** The mail about one incident. The same context and configuration give the same mail. */
export function renderMail(context: MailContext, config: MailConfig): Mail {
  const { id, kind, episode, thread } = context;
  const compose = kind === "acknowledged" ? composeAcknowledged : composeMail;
  const content = compose(context, config, answerUrlOf(context, config));
  const own = `${episode}.${ownOf(context)}`;
  const identity = { ...identityOf(id, `${idPart(id)}.${thread}`, own), topic: topicOf(id) };
  return mailOf(content, context, identity, config);
}

/** The weekly report. All of a deployment are one thread: only the newest says anything. */
export function renderWeekly(context: WeeklyContext, config: MailConfig): Mail {
  const { id } = context;
  const thread = `${BACKEND_WORD}.${id.kind}`;
  return mailOf(
    composeWeekly(context, config),
    context,
    { ...identityOf(id, thread, String(id.subject)), topic: "weekly report" },
    config,
  );
}

/** The mail about many incidents; a thread of its own. */
export function renderDigest(context: DigestContext, config: MailConfig): Mail {
  return mailOf(
    composeDigest(context, config, ({ cluster_id: clusterId, kind, subject, episode }) =>
      answerUrlOf({ id: { clusterId, kind, subject }, episode, nowMs: context.nowMs }, config),
    ),
    context,
    identityOf(context.id, idPart(context.id), "digest"),
    config,
  );
}
