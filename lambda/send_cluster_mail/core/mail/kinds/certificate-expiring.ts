/** A node's certificate ends soon; after that, AWS IoT refuses the node. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { howLongBefore, type MailTemplate, type Setting } from "../mail-template.ts";

type CertificateExpiring = Extract<Facts, { kind: "certificate-expiring" }>;

const hasEnded = ({ expiresMs }: CertificateExpiring, { nowMs }: Setting): boolean => expiresMs <= nowMs;

/** The mail about a certificate that ends within 30 days, or has ended. */
export const certificateExpiring: MailTemplate<CertificateExpiring> = {
  headline: ({ node, expiresMs }, { time }) => `certificate of node ${node} ends ${time(expiresMs)}`,
  overHeadline: ({ node }) => `node ${node} has a certificate that lasts`,
  nodes: ({ node }) => [node],
  night: (facts, setting) =>
    hasEnded(facts, setting)
      ? "Yes, while another node publishes."
      : `Yes. It is valid until ${setting.time(facts.expiresMs)}.`,
  happened: (facts, setting) => [
    hasEnded(facts, setting)
      ? `The newest active certificate of node ${facts.node} ended at ${setting.time(facts.expiresMs)}.`
      : `The newest active certificate of node ${facts.node} ends at ${setting.time(facts.expiresMs)}.`,
    "Once it has ended, AWS IoT refuses the node, and the node cannot publish.",
  ],
  since: (_, setting) => [
    `Found at ${setting.time(setting.sinceMs)}, ${howLongBefore(setting.sinceMs, setting)}.`,
  ],
  stillWorks: (facts, setting) => [
    hasEnded(facts, setting)
      ? "Any node whose certificate is valid can publish."
      : `Everything, until then. Node ${facts.node} can publish.`,
  ],
  toDo: ({ node }) => [
    `Make a new certificate for node ${node}, and copy it to the node: "Rotate a certificate" in README.md.`,
    "A certificate of your own CA: sign and register a new one, and attach it to the node's thing and to the policy.",
  ],
  over: ({ node }) => ({
    happened: [`Node ${node} has an active certificate that is valid for more than 30 days.`],
    works: [`Node ${node} can publish, once it uses that certificate.`],
    toDo: [
      "Make sure that the new key and certificate are on the node: AWS IoT does not know it before it connects.",
    ],
  }),
};
