/**
 * Advice at synthesis about valid configurations whose mails may not reach a person, with what to do. None is given
 * about the documentation's addresses (RFC 2606), which the shipped configuration has until it is edited.
 */

/** Names of all advice, by which `acknowledged` in the configuration switches it off. */
export const ADVICE = ["freemail-sender", "address-identity", "one-recipient", "alarms-untold"] as const;
/** Name of one piece of advice. */
export type AdviceId = (typeof ADVICE)[number];

/** The id of its warning in the CDK, whose list of warnings is shared with other constructs. */
export const warningId = (id: AdviceId): string => `ha2m:${id}`;

/** The part of the configuration that the advice is about. */
export interface MailSetup {
  readonly from: string;
  /** What SES verifies: the address, or a domain. */
  readonly identity: string;
  readonly to: readonly { readonly address: string }[];
}

/**
 * Providers of free addresses: brands under any ending (`gmx.net`, `yahoo.co.uk`), and domains. Each publishes which
 * servers may send for it, and Amazon's are not among those. The list is not complete.
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

/** The advice about a mail setup, by its name. */
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
