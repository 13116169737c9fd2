import { Annotations, Match } from "aws-cdk-lib/assertions";
import { parseConfig } from "../../lib/config.ts";
import { ADVICE, mailAdvice } from "../../lib/mail-advice.ts";
import { exampleConfig, synthesize } from "./example-app.ts";

const OWN = "alerts@smith-family.org";
const adviceOn = (
  from: string,
  identity = from,
  to: readonly string[] = ["me@posteo.de", "her@smith.example"],
) => mailAdvice({ from, identity, to: to.map((address) => ({ address })) });
const idsOf = (...of: Parameters<typeof adviceOn>): string[] => [...adviceOn(...of).keys()];

test.each([
  "someone@gmail.com",
  "someone@GoogleMail.com",
  "someone@gmx.net",
  "someone@gmx.at",
  "someone@outlook.com",
  "someone@hotmail.co.uk",
  "someone@live.nl",
  "someone@yahoo.com.br",
  "someone@icloud.com",
  "someone@me.com",
  "someone@proton.me",
  "someone@pm.me",
  "someone@web.de",
  "someone@t-online.de",
  "someone@aol.com",
])("a sender at a freemail provider, %s -> warned of, with a domain of one's own as the way out", (from) => {
  expect(idsOf(from)).toEqual(["freemail-sender"]);
  expect(adviceOn(from).get("freemail-sender")).toContain('"identity": "YOUR-DOMAIN"');
});

test.each([
  "a@gmail.com.smith.org",
  "a@mygmail.com",
  "a@live.smith.org",
  "a@smith-web.de",
  "a@gmx.smith.net",
])("a domain that resembles one, %s -> its address is, and it is not", (from) => {
  expect(idsOf(from)).toEqual(["address-identity"]);
  expect(idsOf(from, from.split("@")[1])).toEqual([]);
});

test("an address as identity -> which domain to verify, and where its records are", () => {
  expect(adviceOn(OWN).get("address-identity")).toMatch(
    /only the address alerts@smith-family\.org,.*"identity": "smith-family\.org".*SenderDkim1 to 3/,
  );
});

test("one recipient -> another is asked for; two -> nothing", () => {
  expect(idsOf(OWN, "smith-family.org", ["me@gmail.com"])).toEqual(["one-recipient"]);
  expect(idsOf(OWN, "smith-family.org", ["me@gmail.com", "her@gmx.de"])).toEqual([]);
});

test("addresses of the documentation -> nothing: nobody's own stand there yet", () => {
  const { from, to } = parseConfig(exampleConfig).mail;
  expect([...mailAdvice({ from, identity: from, to: to.slice(0, 1) }).keys()]).toEqual([]);
});

describe("at synthesis", () => {
  const home = {
    ...exampleConfig,
    mail: { ...exampleConfig.mail, from: "me@gmail.com", to: ["me@gmail.com"] },
  };
  // The synthesis prints what is looked for below.
  beforeAll(() => void jest.spyOn(console, "error").mockImplementation(() => undefined));
  afterAll(() => jest.restoreAllMocks());
  const warnings = (config: object): string[] => {
    const { stacks } = synthesize(config);
    return [stacks.data, stacks.pipeline].flatMap((stack) =>
      Annotations.fromStack(stack)
        .findWarning("*", Match.anyValue())
        .map(({ entry }) => /\[ack: ha2m:([\w-]+)\]$/.exec(String(entry.data))?.[1] ?? String(entry.data)),
    );
  };

  test("a sender and a recipient at one freemail provider, and alarms for nobody -> each is warned of", () => {
    expect(warnings({ ...home, alarms: { email: [] } })).toEqual([
      "freemail-sender",
      "one-recipient",
      "alarms-untold",
    ]);
  });

  test("what is acknowledged -> no more", () => {
    expect(warnings({ ...home, acknowledged: ["freemail-sender"] })).toEqual(["one-recipient"]);
    expect(warnings({ ...home, alarms: { email: [] }, acknowledged: [...ADVICE] })).toEqual([]);
  });

  test("the example -> no warning", () => {
    expect(warnings(exampleConfig)).toEqual([]);
  });
});

test("a domain as identity -> its DKIM records are outputs; an address, or one that exists -> none", () => {
  const outputs = (mail: object): string[] =>
    Object.keys(
      synthesize({ ...exampleConfig, mail: { ...exampleConfig.mail, ...mail } }).data.findOutputs(
        "SenderDkim*",
      ),
    );
  const { data } = synthesize({ ...exampleConfig, mail: { ...exampleConfig.mail, identity: "example.com" } });
  const [, , third] = ["1", "2", "3"].map((n) => data.findOutputs(`SenderDkim${n}`)[`SenderDkim${n}`]);
  expect(JSON.stringify(third?.Value)).toMatch(/DkimDNSTokenName3.* CNAME .*DkimDNSTokenValue3/);
  expect(outputs({})).toEqual([]);
  expect(outputs({ identity: "example.com", identity_exists: true })).toEqual([]);
});
