import { type RunnerFixture, runnerFor } from "./runner-fixture.ts";

const fixtures: RunnerFixture[] = [];

export const start = (...args: Parameters<typeof runnerFor>): RunnerFixture => {
  const fixture = runnerFor(...args);
  fixtures.push(fixture);
  return fixture;
};

/** After each test. */
export const stopAll = () => Promise.all(fixtures.splice(0).map((fixture) => fixture.stop()));

export const MINUTE_MS = 60_000;
