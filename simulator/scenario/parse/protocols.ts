/** Reads `protocols:` of a scenario file: what is known of each. */

import { type KnownAnswer, PROTOCOLS, type ProtocolName } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import { reportContradictions } from "./contradictions.ts";
import { readExpectations } from "./expectations.ts";
import { entriesOf, fieldsOf, hint, optional, text } from "./fields.ts";
import type { Seats } from "./node-numbers.ts";
import type { Tree } from "./yaml-tree.ts";

const readFails = text(300);

/** The protocols of a file, in its order. */
export function readProtocols(
  problems: Problems,
  tree: Tree,
  seats: Seats,
): ReadonlyMap<ProtocolName, KnownAnswer> {
  const answers = new Map<ProtocolName, KnownAnswer>();
  const entries = entriesOf(problems, tree, "protocols");
  if (entries?.size === 0) problems.add(tree.line, `protocols is empty; add ${PROTOCOLS[0]}`);
  for (const [name, answer] of entries ?? []) {
    const protocol = PROTOCOLS.find((each) => each === name);
    if (protocol === undefined)
      problems.add(answer.line, `unknown protocol "${name}"; ${hint(name, PROTOCOLS)}`);
    const known = readAnswer(problems, answer, `protocol "${name}"`, seats);
    if (protocol !== undefined && known !== undefined) answers.set(protocol, known);
  }
  return answers;
}

function readAnswer(problems: Problems, tree: Tree, name: string, seats: Seats): KnownAnswer | undefined {
  const fields = fieldsOf(problems, tree, name, ["fails", "expect"], ["expect"]);
  if (fields === undefined) return undefined;
  const fails = optional(problems, fields.fails, "fails", readFails, undefined);
  const expect = fields.expect === undefined ? [] : readExpectations(problems, fields.expect, seats);
  reportContradictions(problems, expect);
  return { fails, expect: expect.map(({ expectation }) => expectation) };
}
