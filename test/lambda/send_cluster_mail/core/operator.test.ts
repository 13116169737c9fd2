import type { Mail } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import { makeOperator } from "../../../../lambda/send_cluster_mail/core/operator.ts";
import { isOperatorRequest } from "../../../../lib/contract/operator.ts";
import { config, NOON_MS } from "../support/fixtures.ts";
import { unverified } from "../support/world.ts";

function operator(refused: readonly string[] = []) {
  const mails: Mail[] = [];
  const ask = makeOperator({
    config,
    clock: () => NOON_MS,
    mailer: {
      async send(mail, hasTime) {
        expect(hasTime()).toBe(false);
        const failed = mail.to.filter((to) => refused.includes(to));
        if (failed.length > 0)
          return { accepted: [], refused: failed.map((to) => ({ to, why: unverified([to]).message })) };
        if (mail.to.includes("you@example.org") && refused.includes("*"))
          throw Object.assign(new Error("Maximum sending rate exceeded."), { name: "Throttling" });
        mails.push(mail);
        return { accepted: mail.to, refused: [], messageId: "id-1" };
      },
    },
  });
  return { mails, ask };
}
const testMail = (to: string) => ({ source: "operator", type: "test-mail", to });

test("who is told -> the sender, and each recipient once; no mail", async () => {
  const { ask, mails } = operator();
  expect(await ask({ source: "operator", type: "recipients" })).toEqual({
    from: "ha2m@example.org",
    to: ["me@example.org", "you@example.org"],
  });
  expect(mails).toEqual([]);
});

test("a test mail -> to that one alone, marked as a test in subject, headline and header, with SES's id", async () => {
  const { ask, mails } = operator();
  expect(await ask(testMail("me@example.org"))).toEqual({ accepted: true, message_id: "id-1" });
  expect(mails).toMatchObject([
    {
      to: ["me@example.org"],
      subject: "[ha2m] TEST nothing is wrong: mails of this deployment reach you",
      labels: { cluster: "*", incident: "test-mail", state: "test" },
      unsubscribeUrl: "https://example.org/RUNBOOK.md#fewer-mails",
    },
  ]);
  const { text, html } = mails[0]!;
  for (const words of [
    /^Nothing is wrong: this is a test/,
    /npm run test-mail/,
    /kitchen +2/,
    /#test-mail\n/,
  ])
    expect(text).toMatch(words);
  expect(html).toContain(">TEST</span>");
});

test("SES refuses it -> its words, and not an error", async () => {
  const { ask } = operator(["you@example.org", "*"]);
  expect(await ask(testMail("you@example.org"))).toEqual({
    accepted: false,
    error: "MessageRejected",
    message: unverified(["you@example.org"]).message,
  });
});

test("SES does not answer as it should -> the error's name and text", async () => {
  const { ask } = operator(["*"]);
  expect(await ask(testMail("you@example.org"))).toEqual({
    accepted: false,
    error: "Throttling",
    message: "Maximum sending rate exceeded.",
  });
});

test("somebody who is not configured -> no mail: whoever may invoke the function cannot write to anybody", async () => {
  const { ask, mails } = operator();
  expect(await ask(testMail("eve@example.com"))).toMatchObject({ accepted: false, error: "NotARecipient" });
  expect(mails).toEqual([]);
});

test.each([
  [{ source: "operator" }],
  [{ source: "operator", type: "test-mail" }],
  [{ source: "operator", type: "test-mail", to: 7 }],
  [{ source: "operator", type: "recipients", to: "me@example.org" }],
])("%j -> refused by name, nothing is sent", async (request) => {
  const { ask, mails } = operator();
  expect(isOperatorRequest(request)).toBe(true);
  await expect(ask(request)).rejects.toMatchObject({ name: "EventUnreadable" });
  expect(mails).toEqual([]);
});

test.each([[{ source: "sweep" }], [null], ["operator"], [{ v: 1 }]])(
  "%j -> not the operator's",
  (request) => {
    expect(isOperatorRequest(request)).toBe(false);
  },
);
