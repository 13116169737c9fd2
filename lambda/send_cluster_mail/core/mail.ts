/** A mail as values, ready to be put into MIME. */

import type { IncidentKind } from "../../../lib/contract/incidents.ts";
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { incidentKey, KEY_SEPARATOR } from "../../../lib/contract/tables.ts";
import type { Config } from "./config.ts";
import type { Send } from "./decide.ts";
import { MailProblem } from "./errors.ts";
import { renderHtml } from "./html.ts";
import type { MailKind } from "./incident.ts";
import { tell, tellingOf } from "./story.ts";
import { renderText } from "./text.ts";

/** The one kind of incident so far. */
const KIND: IncidentKind = "node-dead";

/** Which item an incident is. */
export interface IncidentId {
  readonly clusterId: string;
  readonly itemKey: string;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** For mail filters and the local inbox: `X-Ha2m-Cluster`, `X-Ha2m-Incident`, `X-Ha2m-State`. */
  readonly labels: { readonly cluster: string; readonly incident: string; readonly state: MailKind };
  /** `<…>`, of this mail. SES replaces it, so nothing may rely on it. */
  readonly messageId: string;
  /**
   * `<…>`, a mail that never was: what all mails of an incident answer, and so are shown under one another
   * (RFC 5322 §3.6.4). A real first mail cannot serve: SES gives it a Message-ID that nobody here learns in time.
   */
  readonly threadRoot: string;
  /** Epoch ms. */
  readonly dateMs: number;
  readonly text: string;
  readonly html: string;
}

export const incidentIdOf = ({ cluster_id, subject }: DeliveredEvent): IncidentId => ({
  clusterId: cluster_id,
  itemKey: incidentKey({ kind: KIND, subject }),
});

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

/** The mail that a claimed decision owes. Deterministic: the same decision, event and configuration, the same mail. */
export function renderMail(decision: Send, event: DeliveredEvent, config: Config): Mail {
  const story = tell(decision, event, config);
  const { claims } = tellingOf(decision.next);
  const thread = `${event.cluster_id}.${KIND}.${event.subject}`;
  const domain = config.mailFrom.slice(config.mailFrom.lastIndexOf("@") + 1);
  const messageId = `<${thread}.${decision.next.episodes}.${decision.kind}.${claims}@${domain}>`;
  return {
    from: headerSafe("From", config.mailFrom),
    to: config.mailTo.map((one) => headerSafe("To", one)),
    subject: headerSafe("Subject", story.subject),
    labels: {
      cluster: headerSafe("X-Ha2m-Cluster", event.cluster_id),
      incident: headerSafe("X-Ha2m-Incident", `${KIND}${KEY_SEPARATOR}${event.subject}`),
      state: decision.kind,
    },
    messageId: headerSafe("Message-ID", messageId),
    threadRoot: headerSafe("References", `<${thread}@${domain}>`),
    dateMs: event.received_at,
    text: renderText(story),
    html: renderHtml(story),
  };
}
