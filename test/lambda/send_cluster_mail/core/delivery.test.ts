import {
  type Delivery,
  deliver as deliverBy,
  RATE_PAUSE_MS,
} from "../../../../lambda/send_cluster_mail/core/delivery.ts";
import { unverified } from "../support/world.ts";

const ALL = ["ann@example.org", "bob@example.org", "cy@example.org"];
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** SES, with what it says to each set of recipients; undefined: it takes the mail. */
function ses(verdict: (to: readonly string[], attempt: number) => Error | undefined) {
  const attempts: string[] = [];
  const attempt = async (to: readonly string[]) => {
    attempts.push(to.map((address) => address.split("@")[0]).join("+"));
    const error = verdict(to, attempts.length);
    if (error !== undefined) throw error;
    return `id-${attempts.length}`;
  };
  return { attempts, attempt };
}
const refusing = (...addresses: readonly string[]) =>
  ses((to) => {
    const failed = to.filter((address) => addresses.includes(address));
    return failed.length === 0 ? undefined : unverified(failed);
  });
const always = () => true;
const deliver = (
  to: readonly string[],
  attempt: Delivery["attempt"],
  hasTime: Delivery["hasTime"],
  pauses: number[] = [],
) => deliverBy(to, { attempt, hasTime, pause: async (ms) => void pauses.push(ms) });

test("nobody is refused -> one attempt, all of them", async () => {
  const { attempt, attempts } = refusing();
  expect(await deliver(ALL, attempt, always)).toEqual({ accepted: ALL, refused: [], messageId: "id-1" });
  expect(attempts).toEqual(["ann+bob+cy"]);
});

test("one is refused by name -> the others in a second attempt, and SES's words for that one", async () => {
  const { attempt, attempts } = refusing("bob@example.org");
  expect(await deliver(ALL, attempt, always)).toEqual({
    accepted: ["ann@example.org", "cy@example.org"],
    refused: [{ to: "bob@example.org", why: unverified(["bob@example.org"]).message }],
    messageId: "id-2",
  });
  expect(attempts).toEqual(["ann+bob+cy", "ann+cy"]);
});

test.each([
  ["in another case", "BOB@Example.org"],
  ["twice, with a name", "Bob <bob@example.org>, bob@example.org"],
  ["before an ellipsis", "eve@example.org, bob@example.org, ..."],
  ["cut off", "eve@example.org, bob@exa..."],
])("named %s -> known all the same, or found by trying each", async (_, list) => {
  const { attempt } = ses((to) => (to.includes("bob@example.org") ? unverified([list]) : undefined));
  expect(await deliver(ALL, attempt, always)).toMatchObject({
    accepted: ["ann@example.org", "cy@example.org"],
    refused: [{ to: "bob@example.org" }],
  });
});

test("all are refused by name -> nobody has it, everybody is told of", async () => {
  const { attempt, attempts } = refusing(...ALL);
  expect(await deliver(ALL, attempt, always)).toMatchObject({
    accepted: [],
    refused: ALL.map((to) => ({ to })),
  });
  expect(attempts).toHaveLength(1);
});

test("the sender is refused -> thrown: no recipient is to blame", async () => {
  const { attempt, attempts } = ses(() => unverified(["ha2m@example.org"]));
  await expect(deliver(ALL, attempt, always)).rejects.toThrow("ha2m@example.org");
  expect(attempts).toHaveLength(1);
});

test("a sender who is a recipient too -> thrown once the others are refused for it", async () => {
  const { attempt } = ses(() => unverified(["ann@example.org"]));
  await expect(deliver(ALL, attempt, always)).rejects.toThrow("not verified");
});

test("SES names nobody -> one by one; who is refused is told of", async () => {
  const { attempt, attempts } = ses((to) =>
    to.includes("bob@example.org") ? named("MessageRejected", "Address is on a list.") : undefined,
  );
  expect(await deliver(ALL, attempt, always)).toEqual({
    accepted: ["ann@example.org", "cy@example.org"],
    refused: [{ to: "bob@example.org", why: "MessageRejected: Address is on a list." }],
    messageId: "id-4",
  });
  expect(attempts).toEqual(["ann+bob+cy", "ann", "bob", "cy"]);
});

test("SES names nobody and takes it for none, or for the only one there is -> the mail is at fault: thrown", async () => {
  const rejected = () => ses(() => named("MessageRejected", "The message is malformed."));
  await expect(deliver(ALL, rejected().attempt, always)).rejects.toThrow("malformed");
  const one = rejected();
  await expect(deliver(ALL.slice(0, 1), one.attempt, always)).rejects.toThrow("malformed");
  expect(one.attempts).toHaveLength(1);
});

const throttled = named("Throttling", "Maximum sending rate exceeded.");
const refusesAll = named("MessageRejected", "No.");

test("another error -> thrown while nobody has the mail", async () => {
  const { attempt, attempts } = ses(() => named("ServiceUnavailable", "Busy."));
  await expect(deliver(ALL, attempt, always)).rejects.toThrow("Busy.");
  expect(attempts).toHaveLength(1);
});

test("too many mails a second -> offered again after a pause, for as long as there is time", async () => {
  const pauses: number[] = [];
  const { attempt, attempts } = ses((_, n) => (n < 3 ? throttled : undefined));
  expect(await deliver(ALL, attempt, always, pauses)).toMatchObject({ accepted: ALL, refused: [] });
  expect(pauses).toEqual([RATE_PAUSE_MS, RATE_PAUSE_MS]);
  expect(RATE_PAUSE_MS).toBeGreaterThan(1_000);
  const late = ses(() => throttled);
  await expect(deliver(ALL, late.attempt, () => late.attempts.length < 4)).rejects.toThrow(throttled);
  expect(attempts).toHaveLength(3);
  expect(late.attempts).toHaveLength(4);
});

test("one by one -> a pause before each, as a sandbox takes one mail a second", async () => {
  const pauses: number[] = [];
  const { attempt } = ses((_, n) => (n === 1 ? refusesAll : undefined));
  expect(await deliver(ALL, attempt, always, pauses)).toMatchObject({ accepted: ALL });
  expect(pauses).toEqual([RATE_PAUSE_MS, RATE_PAUSE_MS]);
});

test("one by one, an error that is no verdict on the recipient -> tried once more; only what fails twice is told of", async () => {
  const gone = named("TimeoutError", "socket hang up");
  const failing = (times: number) => {
    let left = times;
    return ses((to, n) =>
      n === 1 ? refusesAll : to.includes("cy@example.org") && left-- > 0 ? gone : undefined,
    );
  };
  expect(await deliver(ALL, failing(1).attempt, always)).toMatchObject({ accepted: ALL, refused: [] });
  expect(await deliver(ALL, failing(2).attempt, always)).toMatchObject({
    accepted: ["ann@example.org", "bob@example.org"],
    refused: [{ to: "cy@example.org", why: "TimeoutError: socket hang up" }],
  });
});

test("no time left -> thrown while nobody has it, the rest told of once somebody has", async () => {
  await expect(deliver(ALL, refusing("bob@example.org").attempt, () => false)).rejects.toThrow(
    "not verified",
  );
  const { attempt, attempts } = ses((_, n) => (n === 1 ? named("MessageRejected", "No.") : undefined));
  expect(await deliver(ALL, attempt, () => attempts.length < 2)).toMatchObject({
    accepted: ["ann@example.org"],
    refused: [{ to: "bob@example.org" }, { to: "cy@example.org", why: "There was no time left to try." }],
  });
});
