/** A recipient whom SES refuses: who hears what, and when it is over. Both functions, against the DynamoDB API. */
import { DAY_MS, HOUR_MS, useWorlds } from "../sweep_clusters/support/stories.ts";
import { death, MINUTE_MS, NOON_MS, recovery } from "./support/fixtures.ts";
import { CALM } from "./support/schedule.ts";

const [ME, YOU] = ["me@example.org", "you@example.org"] as const;
/** `you` has a channel of its own, which is never quiet in these stories. */
const TWO_CHANNELS = JSON.stringify([
  ME,
  { address: YOU, quiet: { from: "03:00", to: "04:00", time_zone: "UTC" } },
]);

const newWorld = useWorlds();
async function newRefusing(refused: readonly string[], MAIL_TO = `${ME},${YOU}`, crashes = CALM.crashes) {
  const { toldTo, ...story } = await newWorld({ MAIL_TO }, { ...CALM, crashes });
  const { world } = story;
  for (const address of refused) world.refuses.add(address);
  const refusalsLogged = () => world.log.filter(({ message }) => message === "recipient-refused").length;
  return { ...story, told: toldTo, refusalsLogged };
}

test("one of two is refused -> the other has the mail, and a second one that says whom SES refuses, why, and what to do", async () => {
  const { world, deliver, told } = await newRefusing([YOU]);
  await deliver(death());
  expect(told()).toEqual(["firing node-dead#0 to me", "firing mail-refused#1 to me"]);
  const { subject, text } = world.mails[1]!;
  expect(subject).toBe("[ha2m] FIRING backend: a mail to you@example.org was refused");
  expect(text).toContain("failed the check in region US-EAST-1: you@example.org");
  expect(text).toContain("aws ses verify-email-identity --email-address you@example.org");
  expect(world.lost).toEqual([]);
});

test("what is told of a refusal fails at any call -> the mail itself counts as sent, its outcome is handed on, and the sweep tells of the refusal", async () => {
  let met = 0;
  for (let call = 0; call < 14; call++) {
    const crashes = [...Array<undefined>(call).fill(undefined), "before" as const];
    const { world, deliver, sweepUntil, told } = await newRefusing([YOU], `${ME},${YOU}`, crashes);
    await deliver(death());
    if (!world.log.some(({ message }) => message === "refusal-unsent")) continue;
    met += 1;
    expect(told().filter((one) => one.includes("node-dead"))).toEqual(["firing node-dead#0 to me"]);
    expect(world.outcomes[0]).toMatchObject({ send: true, subject: expect.any(String) });
    await sweepUntil(NOON_MS + 2 * HOUR_MS);
    // Twice, and marked so, where it had gone out and could not be confirmed.
    expect([...new Set(told())]).toEqual(["firing node-dead#0 to me", "firing mail-refused#1 to me"]);
  }
  expect(met).toBeGreaterThan(0);
});

test("refused for good, sweeps and further incidents -> told of once, with reminders, never at each mail", async () => {
  const { deliver, sweepUntil, told, refusalsLogged } = await newRefusing([YOU]);
  await deliver(death());
  await deliver(recovery({ minute: 90 }));
  await deliver(death({ minute: 300, subject: 1, node: 0 }));
  await sweepUntil(NOON_MS + 2 * DAY_MS);
  expect(told().filter((one) => one.includes("mail-refused"))).toEqual([
    "firing mail-refused#1 to me",
    "reminder mail-refused#1 to me",
  ]);
  expect(told().filter((one) => one.startsWith("resolved"))).toEqual(["resolved node-dead#0 to me"]);
  expect(refusalsLogged()).toBe(told().length);
});

test("verified, then another mail -> over at the next hourly sweep, told to both", async () => {
  const { world, deliver, sweepUntil, told } = await newRefusing([YOU]);
  await deliver(death());
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  world.refuses.clear();
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  // Nothing was sent since: nobody knows.
  expect(told()).toHaveLength(2);
  await deliver(recovery({ minute: 320 }));
  await sweepUntil(NOON_MS + 7 * HOUR_MS);
  expect(told().slice(2)).toEqual(["resolved node-dead#0 to me+you", "resolved mail-refused#1 to me+you"]);
});

test("the next mail is a reminder, and gets through -> it is over an hour later", async () => {
  const { world, deliver, sweepUntil, told } = await newRefusing([YOU]);
  await deliver(death());
  await sweepUntil(NOON_MS + HOUR_MS);
  world.refuses.clear();
  await sweepUntil(NOON_MS + DAY_MS + 3 * HOUR_MS);
  expect(told().slice(2)).toEqual(["reminder node-dead#0 to me+you", "resolved mail-refused#1 to me+you"]);
});

test("refused again after it was over -> another episode", async () => {
  const { world, deliver, sweepUntil, told } = await newRefusing([YOU]);
  await deliver(death());
  world.refuses.clear();
  await deliver(recovery({ minute: 20 }));
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  world.refuses.add(YOU);
  // It came back by itself lately: its mail waits.
  await deliver(death({ minute: 400 }));
  await sweepUntil(NOON_MS + 10 * HOUR_MS);
  expect(told().filter((one) => one.includes("mail-refused"))).toEqual([
    "firing mail-refused#1 to me",
    "resolved mail-refused#1 to me+you",
    "firing mail-refused#1 to me",
  ]);
});

test("all recipients of a channel are refused -> due and tried ever less often; another channel hears of it at once", async () => {
  const { world, deliver, sweepUntil, told } = await newRefusing([ME], TWO_CHANNELS);
  await deliver(death());
  await sweepUntil(NOON_MS + 20 * MINUTE_MS);
  expect(told()).toEqual(["firing node-dead#0 to you", "firing mail-refused#0 to you"]);
  // The outcome is handed on, so that subscribers hear of both.
  expect(world.costs[0]?.outcome).toMatchObject({
    mails: [{ incident: "incident#node-dead#0" }, { incident: "incident#mail-refused#0" }],
  });
  await sweepUntil(NOON_MS + DAY_MS);
  const tries = world.log.filter(
    ({ message, incident }) => message === "recipient-refused" && incident.includes("node-dead"),
  );
  expect(tries.length).toBeGreaterThan(5);
  expect(tries.length).toBeLessThan(40);
  world.refuses.clear();
  await sweepUntil(NOON_MS + DAY_MS + 6 * HOUR_MS);
  expect(told().slice(2)).toEqual(expect.arrayContaining(["firing node-dead#0 to me"]));
  expect(told().filter((one) => one.startsWith("resolved mail-refused#0"))).toHaveLength(2);
});

test("the only recipient is refused -> tried until it is taken; what tells of it is not tried again and again", async () => {
  const { world, deliver, sweepUntil, told, refusalsLogged } = await newRefusing([ME], ME);
  await deliver(death());
  await sweepUntil(NOON_MS + 12 * HOUR_MS);
  expect(told()).toEqual([]);
  const ofRefusal = world.log.filter(
    ({ message, incident }) => message === "recipient-refused" && incident.includes("mail-refused"),
  );
  expect(ofRefusal).toHaveLength(1);
  expect(refusalsLogged()).toBeGreaterThan(4);
  world.refuses.clear();
  await sweepUntil(NOON_MS + 18 * HOUR_MS);
  expect(told()).toEqual(["firing node-dead#0 to me", "resolved mail-refused#0 to me"]);
});

test("the address is taken out of the configuration -> over at the next hourly sweep", async () => {
  const { world, deliver, sweepUntil, told } = await newRefusing([YOU]);
  await deliver(death());
  world.configure({ MAIL_TO: ME });
  await sweepUntil(NOON_MS + HOUR_MS);
  expect(told()).toEqual([
    "firing node-dead#0 to me",
    "firing mail-refused#1 to me",
    "resolved mail-refused#1 to me",
  ]);
});

/** In the order of an invocation: load, write, send, send, then the refusal's load and write, confirm, … */
const STEPS = 12;
describe.each(["before", "after"] as const)("a crash %s a call", (when) => {
  test.each(Array.from({ length: STEPS }, (_, step) => step))(
    "number %i -> everybody who can be has been told of both within hours, and what is repeated says so",
    async (step) => {
      const crashes = [...Array<undefined>(step).fill(undefined), when];
      const { world, deliver, sweepUntil, told } = await newRefusing([YOU], undefined, crashes);
      await deliver(death());
      await sweepUntil(NOON_MS + 3 * HOUR_MS);
      for (const incident of ["node-dead#0", "mail-refused#1"]) {
        const mails = world.mails.filter((mail) => mail.incident === incident);
        expect([incident, mails.length > 0]).toEqual([incident, true]);
        expect(mails.filter(({ marked }) => !marked).length).toBeLessThan(2);
      }
      expect(told().every((one) => /^firing .* to me$/.test(one))).toBe(true);
    },
  );
});

test("nobody is refused -> three requests a mail, as ever", async () => {
  const { world, deliver } = await newRefusing([]);
  await deliver(death());
  expect(world.costs).toMatchObject([{ requests: 3, mails: 1 }]);
});
