/** Which protocol a scenario is played with. */
import { ARTICLE } from "../../protocol/article/article.ts";
import { HARDENED } from "../../protocol/hardened/hardened.ts";
import type { Protocol } from "../../protocol/protocol.ts";
import { type KnownAnswer, PROTOCOLS, type ProtocolName, type Scenario } from "../../scenario/scenario.ts";
import { oneOf, UsageError } from "./arguments.ts";

/** Every protocol by its name. */
export const IMPLEMENTED: Readonly<Record<ProtocolName, Protocol>> = { article: ARTICLE, hardened: HARDENED };

/** The protocol that a scenario is played with, and what is known of it there. */
export interface ChosenProtocol {
  readonly name: ProtocolName;
  readonly protocol: Protocol;
  /** What is known of it in the scenario. */
  readonly answer: KnownAnswer;
}

const DEFAULT: ProtocolName = "hardened";

/**
 * The protocol asked for, or the default one, where the scenario has an answer for it.
 * @throws UsageError when there is none such, the scenario has no answer for it, or it has no room for so many nodes.
 */
export function chosenProtocol(scenario: Scenario, asked: string | undefined): ChosenProtocol {
  const known = [...scenario.protocols.keys()];
  const preferred = known.includes(DEFAULT) ? DEFAULT : known[0];
  const name = asked === undefined ? preferred : oneOf("--protocol", asked, PROTOCOLS);
  const answer = name === undefined ? undefined : scenario.protocols.get(name);
  if (name === undefined || answer === undefined)
    throw new UsageError(
      `${scenario.name} has no answer for the ${name} protocol; it has one for: ${known.join(", ")}`,
    );
  const protocol = IMPLEMENTED[name];
  const { nodes } = scenario.cluster;
  if (nodes > protocol.nodesMax)
    throw new UsageError(
      `The ${name} protocol has room for ${protocol.nodesMax} nodes, but ${scenario.name} has ${nodes}: lower --nodes, or "nodes" in its file.`,
    );
  return { name, protocol, answer };
}
