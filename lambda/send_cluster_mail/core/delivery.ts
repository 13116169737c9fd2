/**
 * SES takes a mail for all of its recipients or for none. So that one whom it refuses does not keep the mail from the
 * others, it is sent again without whoever SES names, and one by one where SES names nobody.
 *
 * Source: "Amazon SES email sending errors", developer guide: `Email address is not verified. The following identities
 * failed the check in region …: identity1, identity2`, which ends with an ellipsis where not all are shown.
 */

/** Whom SES refused, and its words. */
export interface Refused {
  readonly to: string;
  readonly why: string;
}

/** What became of a mail, by recipient. */
export interface Delivered {
  /** Who got it. Nobody: all were refused by name. */
  readonly accepted: readonly string[];
  readonly refused: readonly Refused[];
  /** SES's id of the mail, of the last where it went out singly. */
  readonly messageId?: string;
}

/** SES's own name for it; everything else is no verdict on a recipient. */
const isRejection = (error: unknown): error is Error =>
  error instanceof Error && error.name === "MessageRejected";

const NAMED = /identities failed the check[^:]*:(.+?)(\.\.\.|…)?\s*$/s;

/** SES's words name everybody who is not verified: whoever is not among them is. */
const namesAll = (message: string): boolean => {
  const [, , ellipsis] = NAMED.exec(message) ?? [];
  return NAMED.test(message) && ellipsis === undefined;
};

/** SES takes one mail a second while an account is in its sandbox; the tenth is for two clocks that differ. */
export const RATE_PAUSE_MS = 1_100;

const isThrottling = (error: unknown): boolean =>
  error instanceof Error && /^(Throttl|TooManyRequests)/.test(error.name);

/** How mails are handed to SES. */
export interface Delivery {
  /** Sends to these, all or none, and returns SES's id of the mail. */
  readonly attempt: (to: readonly string[]) => Promise<string | undefined>;
  /** Whether there is time for another attempt. */
  readonly hasTime: () => boolean;
  /** Waits for so many ms. */
  readonly pause: (ms: number) => Promise<void>;
}

/** What SES has not taken because too many came at once is offered again, for as long as there is time. */
const patiently =
  ({ attempt, hasTime, pause }: Delivery): Delivery["attempt"] =>
  async (to) => {
    for (;;) {
      try {
        return await attempt(to);
      } catch (error) {
        if (!isThrottling(error) || !hasTime()) throw error;
        await pause(RATE_PAUSE_MS);
      }
    }
  };

/** @throws what `attempt` threw, where nobody has got the mail and no recipient is to blame */
export async function deliver(recipients: readonly string[], delivery: Delivery): Promise<Delivered> {
  const attempt = patiently(delivery);
  const { hasTime } = delivery;
  const refused: Refused[] = [];
  let left = recipients;
  while (left.length > 0) {
    try {
      const messageId = await attempt(left);
      return { accepted: left, refused, ...(messageId === undefined ? {} : { messageId }) };
    } catch (error) {
      if (!isRejection(error)) throw error;
      const named = namedIn(error.message, left);
      // Of the sender, or of the only one there is: nobody else could be sent to.
      if (named.length === 0 && (left.length === 1 || namesAll(error.message))) throw error;
      refused.push(...named.map((to) => ({ to, why: error.message })));
      left = left.filter((to) => !named.includes(to));
      if (left.length > 0 && !hasTime()) throw error;
      if (named.length === 0) return oneByOne(left, refused, { ...delivery, attempt });
    }
  }
  return { accepted: [], refused };
}

/** Addresses have no case to SES's check; it may show a display name with them. */
function namedIn(message: string, recipients: readonly string[]): string[] {
  const list = NAMED.exec(message)?.[1] ?? "";
  const named = new Set(list.split(",").map((one) => bare(one).toLowerCase()));
  return recipients.filter((to) => named.has(to.toLowerCase()));
}

const bare = (text: string): string => (/<([^<>]*)>/.exec(text)?.[1] ?? text).trim();

/**
 * Once somebody has got it, whoever does not is not tried at the next attempt: the others would get it twice. What is no
 * verdict on a recipient is therefore tried again at once; a recipient for whom that did not help is told of.
 */
async function oneByOne(
  recipients: readonly string[],
  before: readonly Refused[],
  { attempt, hasTime, pause }: Delivery,
): Promise<Delivered> {
  const accepted: string[] = [];
  const refused = [...before];
  let first: Error | undefined;
  let messageId: string | undefined;
  for (const [place, to] of recipients.entries()) {
    if (accepted.length > 0 && !hasTime()) {
      refused.push({ to, why: "There was no time left to try." });
      continue;
    }
    if (place > 0) await pause(RATE_PAUSE_MS);
    try {
      messageId = await attempt([to]).catch(async (error: unknown) => {
        if (isRejection(error) || accepted.length === 0 || !hasTime()) throw error;
        await pause(RATE_PAUSE_MS);
        return attempt([to]);
      });
      accepted.push(to);
    } catch (error) {
      if (!(error instanceof Error) || !(isRejection(error) || accepted.length > 0)) throw error;
      first ??= error;
      refused.push({ to, why: `${error.name}: ${error.message}` });
    }
    if (accepted.length === 0 && first !== undefined && !hasTime()) throw first;
  }
  // Each by itself: then it is the mail that SES does not want.
  if (accepted.length === 0 && first !== undefined) throw first;
  return { accepted, refused, ...(messageId === undefined ? {} : { messageId }) };
}
