import { makeHandler } from "../../../lambda/tell_subscribers/handler.ts";

const INVOCATION = { awsRequestId: "r-1" };
/** As Lambda's success destination writes it. */
const event = (responsePayload: unknown) => ({
  version: "0",
  "detail-type": "Lambda Function Invocation Result - Success",
  source: "lambda",
  detail: { version: "1.0", requestPayload: {}, responsePayload },
});
const SENT = {
  send: true,
  why: "fires",
  kind: "firing",
  cluster: "kitchen",
  incident: "incident#node-dead#0",
  mails: [
    {
      cluster: "kitchen",
      incident: "incident#node-dead#0",
      kind: "firing",
      subject: 'FIRING kitchen: "node 0" stopped — é',
    },
  ],
};
const also = {
  cluster: "*",
  incident: "incident#mail-refused#1",
  kind: "firing",
  subject: "FIRING backend: …",
};

function open(fail?: Error) {
  const told: string[] = [];
  const logged: object[] = [];
  const tell = async (line: string): Promise<void> => {
    if (fail !== undefined) throw fail;
    told.push(line);
  };
  const handler = makeHandler({ subscribers: { tell }, log: (entry) => logged.push(entry) });
  return { handler, told, logged };
}

test("a mail that was sent -> its subject, letter by letter, and a line of the log that names the incident", async () => {
  const { handler, told, logged } = open();
  await handler(event(SENT), INVOCATION);
  expect(told).toEqual(['FIRING kitchen: "node 0" stopped — é']);
  expect(logged).toEqual([
    {
      level: "info",
      message: "told",
      cluster: "kitchen",
      incident: "incident#node-dead#0",
      request_id: "r-1",
    },
  ]);
});

test("two mails of one invocation -> a line each, in their order", async () => {
  const { handler, told, logged } = open();
  await handler(event({ ...SENT, mails: [...SENT.mails, also] }), INVOCATION);
  expect(told).toEqual(['FIRING kitchen: "node 0" stopped — é', "FIRING backend: …"]);
  expect(logged).toMatchObject([{ cluster: "kitchen" }, { cluster: "*" }]);
});

test.each([
  ["a decision that sent nothing", event({ ...SENT, mails: undefined }), "detail.responsePayload.mails"],
  ["an empty list", event({ ...SENT, mails: [] }), "detail.responsePayload.mails"],
  [
    "an empty subject",
    event({ ...SENT, mails: [{ ...also, subject: "" }] }),
    "detail.responsePayload.mails.0.subject",
  ],
  ["an event of something else", { source: "aws.ec2", detail: {} }, "detail.responsePayload"],
  ["no event", null, ""],
])("%s -> nobody is told, and the error says what is missing", async (_, given, path) => {
  const { handler, told, logged } = open();
  await expect(handler(given, INVOCATION)).rejects.toThrow(`MAIL-002 the event names no mail at ${path}`);
  expect([told, logged]).toEqual([[], []]);
});

test("SNS refuses -> the invocation fails, so that Lambda repeats it", async () => {
  const { handler, logged } = open(new Error("AuthorizationError"));
  await expect(handler(event(SENT), INVOCATION)).rejects.toThrow("AuthorizationError");
  expect(logged).toEqual([]);
});
