import { after, hours, type Instant, minutes, START } from "../engine/time.ts";
import { failoversAre, mailsAre, noReadingLost, nothingQueued, onePrimaryAtMost } from "./expectations.ts";
import type { Scenario } from "./scenario.ts";

const at = (hour: number, minute: number): Instant => after(after(START, hours(hour)), minutes(minute));

/** The article's evening: the groceries come, node 0 is left at its prompt, and node 1 has to notice. */
export const haveOcado: Scenario = {
  name: "have-ocado",
  line: "the article's story: node 0 is left hanging at its prompt, node 1 takes over, one mail, and back again",
  protocol: "article",
  nodes: 2,
  daysDefault: 2,
  daysMin: 1.25,
  steps: [
    {
      at: at(0, 0),
      action: { kind: "power-on", node: 0 },
      says: "node 0 gets its batteries; both EEPROMs are blank",
    },
    { at: at(0, 5), action: { kind: "power-on", node: 1 }, says: "node 1 gets its batteries" },
    {
      at: at(0, 20),
      action: { kind: "reset-node", node: 1, subject: 1 },
      says: "a person types reset_node(1) at node 1",
    },
    {
      at: at(2, 55),
      action: { kind: "hang", node: 0 },
      says: "the groceries come: node 0 is left at its prompt, and will not wake up to work again",
    },
    {
      at: at(28, 0),
      action: { kind: "power-on", node: 0 },
      says: "a person repairs node 0: off, and on again",
    },
    {
      at: at(28, 20),
      action: { kind: "reset-node", node: 0, subject: 0 },
      says: "and types reset_node(0) at its prompt",
    },
  ],
  expectations: [
    noReadingLost,
    failoversAre({ from: 0, to: 1 }),
    mailsAre("firing node-dead#0", "resolved node-dead#0"),
    onePrimaryAtMost,
    nothingQueued,
  ],
};
