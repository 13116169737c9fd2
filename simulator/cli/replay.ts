/** `npm run replay`: what is in the queues for failures, and how it is put right. */

import {
  closeClients,
  type QueueContents,
  type QueuedFailure,
  readQueue,
  release,
  remove,
  replay,
} from "./replay/queue-messages.ts";
import { chosenQueues, explain, placeOf, type QueuePlace } from "./replay/queue-target.ts";
import { UsageError, wholeNumber } from "./shared/arguments.ts";
import { CLOUD_FLAGS, type CommandValues, runCloudCommand } from "./shared/cloud-command.ts";
import { counted } from "./shared/counted.ts";
import { DEPLOY } from "./shared/stack-outputs.ts";

const COMMAND = "replay";
const MAX_DEFAULT = 1_000;
const MAX_LIMIT = 100_000;
const TEXT_MAX = 400;

const HELP = `Shows the failed messages in the queues; --execute repeats them, and deletes
each one that was accepted.

  npm run replay -- [options]

What it repeats: a message that a rule failed on is published again; a reading
goes to a topic for late readings, which stores it without marking the cluster
as alive, an event to the function that the rule could not invoke. A function
is invoked again with the event that it failed on. A scheduled function that
could not be started is invoked.

It is safe: a stored reading overwrites itself, and a mail that was sent is not
sent again. Fix the cause first, or the message fails again and comes back.

  --execute           repeats what is shown; without it nothing is sent, and
                      all messages stay
  --discard           with --queue and --execute: deletes what is shown without
                      repeating it
  --queue NAME        only this queue (default: all), by its name in a deploy's
                      outputs (ReadingsRuleErrors) or its own name
  --max N             at most N messages of each queue (default ${MAX_DEFAULT})
  --target WHERE      "local" (default): npm run cloud on this machine; or
                      "aws", with credentials as the AWS CLI finds them
  --cloud FILE        local: output of npm run -s cloud -- --json (default: the
                      file of the running cloud in .ha2m/cloud)
  --outputs FILE      aws: the file of cdk deploy --outputs-file (default
                      cdk-outputs.json); the queues' URLs give the region
  --json              prints one JSON object on stdout
  --help

While it runs, nobody else receives the messages. If it is interrupted, they
are visible again after 15 minutes.

Exit code: 0 all was shown, or accepted; 1 a message could not be repeated, and
is still in its queue; 2 the command line was wrong, or a queue could not be
read.
`;

const FLAGS = {
  ...CLOUD_FLAGS,
  execute: { type: "boolean" },
  discard: { type: "boolean" },
  queue: { type: "string" },
  max: { type: "string" },
} as const;

type Mode = "show" | "repeat" | "discard";

/** `npm run replay`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCloudCommand({ name: COMMAND, help: HELP, flags: FLAGS, run }, argv);

async function run(values: CommandValues<typeof FLAGS>): Promise<number> {
  if (values.discard === true && values.queue === undefined)
    throw new UsageError("--discard deletes without repeating: give the --queue.");
  const max = wholeNumber("--max", values.max ?? String(MAX_DEFAULT), 1, MAX_LIMIT);
  const mode = values.execute !== true ? "show" : values.discard === true ? "discard" : "repeat";
  const place = placeOf(COMMAND, values);
  try {
    const contents = await readAll(place, values.queue, max);
    const outcomes = await act(place, contents, mode);
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify({ executed: mode !== "show", queues: contents.map((queue) => asJson(queue, outcomes)) }, null, 2)}\n`
        : asText(contents, outcomes, mode),
    );
    return [...outcomes.values()].some(({ done }) => done === "failed") ? 1 : 0;
  } finally {
    closeClients(place.clients);
  }
}

async function readAll(place: QueuePlace, name: string | undefined, max: number): Promise<QueueContents[]> {
  const contents: QueueContents[] = [];
  for (const queue of chosenQueues(place.queues, name))
    try {
      contents.push(await readQueue(place.clients, queue, max));
    } catch (error) {
      await Promise.allSettled(
        contents.flatMap(({ url, failures }) =>
          failures.map((failure) => release(place.clients, url, failure)),
        ),
      );
      throw new UsageError(`the queue ${queue.name} cannot be read: ${explain(error, place.where)}`);
    }
  return contents;
}

interface Outcome {
  readonly done: "kept" | "repeated" | "discarded" | "failed";
  /** Where it failed. */
  readonly why?: string;
}

/** What became of each message. One after the other, in the order in which they came to be there. */
async function act(
  { clients, rules, where }: QueuePlace,
  contents: readonly QueueContents[],
  mode: Mode,
): Promise<ReadonlyMap<QueuedFailure, Outcome>> {
  const outcomes = new Map<QueuedFailure, Outcome>();
  for (const { url, failures } of contents)
    for (const failure of failures) {
      const outcome = await outcomeOf(failure, mode, url).catch(
        (error: unknown): Outcome => ({ done: "failed", why: explain(error, where) }),
      );
      // That it comes back at once is a courtesy: it comes back by itself.
      if (outcome.done === "kept" || outcome.done === "failed")
        await release(clients, url, failure).catch(() => undefined);
      outcomes.set(failure, outcome);
    }
  return outcomes;

  async function outcomeOf(failure: QueuedFailure, asked: Mode, url: string): Promise<Outcome> {
    if (asked === "show") return { done: "kept" };
    if (asked === "discard") {
      await remove(clients, url, failure);
      return { done: "discarded" };
    }
    if (failure.replay.action === "none") return { done: "failed", why: failure.replay.why };
    if (failure.replay.action === "publish" && failure.replay.rule !== undefined)
      if (!rules.includes(failure.replay.rule))
        return {
          done: "failed",
          why: `the rule ${failure.replay.rule}, which stores late readings, is not there: an earlier version is deployed. Deploy again: ${DEPLOY}`,
        };
    await replay(clients, url, failure);
    return { done: "repeated" };
  }
}

type Outcomes = ReadonlyMap<QueuedFailure, Outcome>;

const asJson = ({ name, url, failures, clipped }: QueueContents, outcomes: Outcomes) => ({
  name,
  url,
  clipped,
  messages: failures.map((failure) => ({
    id: failure.id,
    sent_at: failure.sentAt,
    source: failure.source,
    errors: failure.errors,
    topic: failure.topic ?? null,
    payload: failure.payload,
    action: failure.replay.action,
    outcome: outcomes.get(failure)?.done,
    ...(outcomes.get(failure)?.why === undefined ? {} : { why: outcomes.get(failure)?.why }),
  })),
});

function asText(contents: readonly QueueContents[], outcomes: Outcomes, mode: Mode): string {
  const sections = contents.map(({ name, failures, clipped }) => {
    const more = clipped ? " or more; --max shows more of them" : "";
    const title = failures.length === 0 ? "empty" : `${counted(failures.length, "message")}${more}`;
    return `${name}: ${title}\n${failures.map((failure) => paragraph(failure, outcomes)).join("")}`;
  });
  return `${sections.join("")}\n${conclusion([...outcomes.values()], mode)}\n`;
}

function paragraph(failure: QueuedFailure, outcomes: Outcomes): string {
  const { sentAt, source, errors, topic, payload } = failure;
  const lines = [
    `${sentAt.slice(0, 19).replace("T", " ")} UTC  ${source}${topic === undefined ? "" : `, ${topic}`}`,
    ...errors.map((error) => `  ${shown(error)}`),
    `  payload: ${shown(payload)}`,
    `  ${fateOf(failure, outcomes.get(failure) ?? { done: "kept" })}`,
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

function fateOf({ replay: asked }: QueuedFailure, { done, why }: Outcome): string {
  if (done === "failed") return `NOT repeated, still in the queue: ${why}`;
  if (done === "discarded") return "deleted, not repeated";
  const would = done === "kept" ? "would be " : "";
  if (asked.action === "none") return `cannot be repeated: ${asked.why}; --discard deletes it`;
  return asked.action === "publish"
    ? `${would}published to ${asked.topic} again`
    : `${would}given to ${asked.functionArn.split(":")[6]} again`;
}

function conclusion(outcomes: readonly Outcome[], mode: Mode): string {
  const count = (done: Outcome["done"]) => outcomes.filter((outcome) => outcome.done === done).length;
  if (outcomes.length === 0) return "Nothing failed.";
  if (mode === "show")
    return "A dry run: nothing was sent, and every message stays. Fix the cause, then add --execute.";
  if (mode === "discard") return `${counted(count("discarded"), "message")} deleted, ${count("failed")} not.`;
  const left = count("failed");
  return `${counted(count("repeated"), "message")} repeated and deleted${left === 0 ? "" : `, ${left} still there`}.`;
}

/** Clipped, on one line, without what a terminal would obey. */
function shown(text: string): string {
  const plain = text.replace(/\p{C}/gu, "\ufffd");
  return plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX)}…` : plain;
}
