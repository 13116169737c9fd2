/** What a node decided, in the words of the timeline. */
import type { Change, Decision } from "../../protocol/effects.ts";
import type { Style } from "../shared/terminal.ts";

/** Of a change to the node that it is about. */
export const CHANGE_TEXT: Record<Change["kind"], (node: number) => string> = {
  suspected: (node) =>
    `sees no sign of life from node ${node}: suspects it; once more, and it is marked dead`,
  cleared: (node) => `sees a sign of life from node ${node} again: no longer suspects it`,
  expelled: (node) => `sees no sign of life from node ${node} twice: marks it dead`,
  "took-over": (node) => `takes over from node ${node}: is primary now`,
  "primary-corrected": (node) => `corrects the map: node ${node} is the primary`,
};
/** The colour of each change in the timeline. */
export const CHANGE_STYLE: Record<Change["kind"], Style> = {
  suspected: "yellow",
  cleared: "green",
  expelled: "red",
  "took-over": "bold",
  "primary-corrected": "yellow",
};

/** Said when a node comes into a role; becoming primary is said by the change that led to it. */
const ROLE_TEXT: Readonly<Record<Decision["role"], string | undefined>> = {
  primary: undefined,
  claiming: "claims the primary's role, and waits before it acts",
  standby: "is standby: watches the primary",
  dead: "finds itself marked dead: waits to be admitted",
  unknown: "can read no EEPROM: does nothing",
};

/** What the timeline says of a node that comes into a role; undefined: nothing. */
export const roleText = ({ role, why }: Decision): string | undefined =>
  why === "duplicate-number" ? "rests: another board has its number" : ROLE_TEXT[role];
