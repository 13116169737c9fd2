/** `--chaos function-crash=0.1,late=0.2`. */
import { nearest } from "../../../lib/nearest.ts";
import { CHAOS, CHAOS_KINDS, type ChaosKind, type ChaosOptions } from "../../local-cloud/chaos.ts";
import { UsageError } from "./arguments.ts";

/** For a command's --help: a kind a line. */
export const CHAOS_HELP = (indent: string): string =>
  Object.entries(CHAOS)
    .map(([kind, what]) => `${indent}${kind.padEnd(18)} ${what}\n`)
    .join("");

/** The largest rate at which retries still come through. */
const RATE_MAX = 0.9;

/** @throws UsageError when a kind is not known or comes twice, or a rate is none. */
export function parseChaos(text: string, seed: number): ChaosOptions {
  const rates: Partial<Record<ChaosKind, number>> = {};
  for (const part of text.split(",")) {
    const [name = "", rate = "", ...more] = part.split("=");
    const kind = kindOf(name.trim());
    if (more.length > 0 || !/^(?:0|1|0?\.\d+)$/.test(rate.trim()) || Number(rate) > RATE_MAX)
      throw new UsageError(
        `--chaos ${kind} takes a rate from 0 to ${RATE_MAX}, as in ${kind}=0.1, not "${part.trim()}".`,
      );
    if (rates[kind] !== undefined) throw new UsageError(`--chaos names ${kind} twice.`);
    rates[kind] = Number(rate);
  }
  return { rates, seed };
}

function kindOf(name: string): ChaosKind {
  const found = CHAOS_KINDS.find((kind) => kind === name);
  if (found !== undefined) return found;
  const near = nearest(name, CHAOS_KINDS);
  const hint = near === undefined ? `one of ${CHAOS_KINDS.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`--chaos does not know "${name}": ${hint}`);
}
