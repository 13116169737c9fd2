/**
 * What may keep a person from hearing of anything though the configuration is valid: said at synthesis, with what to do.
 * Not said of the addresses of the documentation (RFC 2606), which the shipped configuration has until somebody's own
 * stand there.
 */

/** By the name under which a person can say that it is known (`acknowledged`). */
export const ADVICE = ["freemail-sender", "address-identity", "one-recipient", "alarms-untold"] as const;
/** Which advice: in warnings at synthesis, and in what a configuration says is known. */
export type AdviceId = (typeof ADVICE)[number];

/** As the CDK knows it, whose list of warnings is shared by everybody's constructs. */
export const warningId = (id: AdviceId): string => `ha2m:${id}`;

/** Whose mail it is, as configured. */
export interface MailSetup {
  readonly from: string;
  /** What SES verifies: the address, or a domain. */
  readonly identity: string;
  readonly to: readonly { readonly address: string }[];
}

/**
 * Providers that give addresses away: brands under any ending (`gmx.net`, `yahoo.co.uk`), and domains. Each publishes
 * whose servers may send as it, and Amazon's are not among those. Not a complete list; those that people name.
 */
const FREEMAIL_BRANDS =
  /^(?:gmail|googlemail|outlook|hotmail|live|yahoo|ymail|aol|icloud|gmx|proton|protonmail|tutanota|yandex|zoho|zohomail|fastmail)\.(?:[a-z]{2,3}|com?\.[a-z]{2})$/;
const FREEMAIL_DOMAINS: ReadonlySet<string> = new Set(
  "msn.com me.com mac.com pm.me tuta.com tuta.io mail.com email.com hey.com mailbox.org posteo.de posteo.net web.de t-online.de freenet.de arcor.de bluewin.ch orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it seznam.cz wp.pl o2.pl onet.pl interia.pl mail.ru bk.ru inbox.ru list.ru ukr.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net bigpond.com naver.com daum.net hanmail.net qq.com 163.com 126.com sina.com rediffmail.com rocketmail.com".split(
    " ",
  ),
);

const PLACEHOLDER = /(?:^|[@.])(?:example\.(?:com|net|org)|example|test|invalid)$/;

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).toLowerCase();
const isAddress = (identity: string): boolean => identity.includes("@");

/** What is to be said of a mail setup, by id. */
export function mailAdvice({ from, identity, to }: MailSetup): ReadonlyMap<AdviceId, string> {
  const advice = new Map<AdviceId, string>();
  const domain = domainOf(from);
  const known = (id: AdviceId) => `Or accept this warning: "acknowledged": ["${id}"]`;
  if (PLACEHOLDER.test(domain) && to.every(({ address }) => PLACEHOLDER.test(domainOf(address))))
    return advice;
  if (FREEMAIL_BRANDS.test(domain) || FREEMAIL_DOMAINS.has(domain))
    advice.set(
      "freemail-sender",
      `mails come from ${from}, but ${domain} allows only its own servers to send as it: providers refuse such mails (Gmail: 550-5.7.26) or file them as spam. Send from your own domain: "mail": {"from": "ha2m@YOUR-DOMAIN", "identity": "YOUR-DOMAIN"} in ha2m of cdk.json. ${known("freemail-sender")}`,
    );
  else if (isAddress(identity) && !PLACEHOLDER.test(domain))
    advice.set(
      "address-identity",
      `SES verifies only the address ${identity}, so mails have no DKIM signature of ${domain} and are more likely to be taken for spam. Verify the domain: "mail": {"identity": "${domain}"} in ha2m of cdk.json, deploy, and add the three CNAME records of the outputs SenderDkim1 to 3 to its DNS. ${known("address-identity")}`,
    );
  if (to.length === 1)
    advice.set(
      "one-recipient",
      `only ${to[0]?.address} is told: if its provider refuses a mail, or nobody reads it, nobody knows. Add a second recipient, preferably with another provider: "mail": {"to": ["${to[0]?.address}", "SOMEBODY@ELSEWHERE"]} in ha2m of cdk.json. ${known("one-recipient")}`,
    );
  return advice;
}
