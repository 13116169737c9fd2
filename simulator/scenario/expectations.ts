/** The expectations that scenarios are made of. */
import type { Expectation } from "./scenario.ts";

/** Repetitions in a row become `x 3 times`. */
function list(items: readonly string[]): string {
  const runs: { item: string; times: number }[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.item === item) last.times += 1;
    else runs.push({ item, times: 1 });
  }
  return runs.length === 0
    ? "none"
    : runs.map(({ item, times }) => (times === 1 ? item : `${item} ${times} times`)).join(", ");
}

export const noReadingLost: Expectation = {
  text: "every reading that was due is stored, none is lost",
  broken: ({ readings }) =>
    readings.expected > 0 && readings.stored === readings.expected && readings.lost === 0
      ? undefined
      : `${readings.stored} of ${readings.expected} stored, ${readings.lost} lost`,
};

export const failoversAre = (...expected: readonly { from: number; to: number }[]): Expectation => {
  const text = (all: readonly { from: number; to: number }[]) =>
    list(all.map(({ from, to }) => `${from} to ${to}`));
  return {
    text: `failovers: ${text(expected)}`,
    broken: ({ failovers }) => (text(failovers) === text(expected) ? undefined : text(failovers)),
  };
};

export const mailsAre = (...expected: readonly string[]): Expectation => ({
  text: `mails: ${list(expected)}`,
  broken: ({ mails }) => {
    const found = list(mails.map(({ kind, incident }) => `${kind} ${incident}`));
    return found === list(expected) ? undefined : found;
  },
});

export const onePrimaryAtMost: Expectation = {
  text: "at most one node holds the primary's role at any time",
  broken: ({ maxConcurrentPrimaries: found }) => (found === 1 ? undefined : `${found} at once`),
};

export const nothingQueued: Expectation = {
  text: "no message ended in an error queue",
  broken: ({ queued }) => (queued === 0 ? undefined : `${queued} did`),
};
