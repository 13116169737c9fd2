import { estimate } from "../../../../../simulator/cli/simulate/deployed/estimate.ts";

const run = {
  durationS: 172_800,
  sleepS: 900,
  nodes: 2,
  connectsEveryWake: false,
  basicIngest: false,
  recipients: 1,
};

test("two days, a reading each quarter of an hour -> 193 of them, twice as many messages at most", () => {
  expect(estimate(run)).toMatchObject({ readings: 193, messagesMax: 386 });
});

test("twice as long, more recipients, a connection at every wake -> dearer; Basic Ingest -> cheaper", () => {
  const { usdMax } = estimate(run);
  expect(estimate({ ...run, durationS: 345_600 }).usdMax).toBeGreaterThan(usdMax);
  expect(estimate({ ...run, recipients: 2 }).usdMax).toBeGreaterThan(usdMax);
  expect(estimate({ ...run, connectsEveryWake: true }).usdMax).toBeGreaterThan(usdMax);
  expect(estimate({ ...run, basicIngest: true }).usdMax).toBeLessThan(usdMax);
});
