/** What a person reads. */
import { escapeHtml, renderHtml } from "../../../../lambda/send_cluster_mail/core/html.ts";
import { headerSafe, type Mail } from "../../../../lambda/send_cluster_mail/core/mail.ts";
import type { Story } from "../../../../lambda/send_cluster_mail/core/story.ts";
import { renderText } from "../../../../lambda/send_cluster_mail/core/text.ts";
import type { DeliveredEvent } from "../../../../lib/contract/messages.ts";
import { testCloud } from "../support/cloud.ts";
import { death, recovery, state } from "../support/fixtures.ts";

async function mailOf(...events: readonly DeliveredEvent[]): Promise<Mail> {
  const cloud = testCloud();
  for (const event of events) await cloud.invoke(event);
  return cloud.mails.at(-1)!;
}

test("the primary died in a cluster of two -> the whole mail", async () => {
  expect((await mailOf(death())).text).toBe(`Node 0 stopped, node 1 took over

What happened
  Node 0 of cluster kitchen showed no sign of life at node 1's checks (checks are 15 min apart). Node 1 holds it to be dead; node 1 took over.

Since when
  Reported dead at 2026-01-01 12:00:00 UTC, 5 s before this mail.
  Last seen alive at 2026-01-01 11:30:00 UTC.

What still works
  Node 1 is primary and measuring.
  There is no standby left: if node 1 stops too, nothing is measured.

What to do
  Look at node 0: power, batteries, wiring; then reset it.
  If it stays out, call reset_node(0) at the prompt of a running node.

Runbook
  https://example.org/RUNBOOK.md#node-dead

Cluster kitchen, as node 1 sees it (role, last seen)
  node 0  dead                2026-01-01 11:30:00 UTC
  node 1  primary             2026-01-01 12:00:00 UTC

You get one more mail about this, when it is over.
`);
});

test("the node is back -> when it was out, for how long, and that nothing is to be done", async () => {
  const { subject, text } = await mailOf(death(), recovery({ minute: 135 }));
  expect(subject).toBe("[ha2m] RESOLVED kitchen: node 0 is back");
  expect(text).toContain("It was out from 2026-01-01 12:00:00 UTC to 2026-01-01 14:15:00 UTC: 2 h 15 min.");
  expect(text).toContain("Node 0 is on standby.");
  expect(text).toContain("Nothing.");
});

test("a standby died, another is left -> who is primary and who stands by", async () => {
  const event = death({
    cluster_id: "shed",
    subject: 2,
    node: 0,
    took_over: false,
    state: { primary: 0, suspects: [1], dead: [2], never_admitted: [], last_seen: [{ node: 2, at: null }] },
  });
  const { subject, text } = await mailOf(event);
  expect(subject).toBe("[ha2m] FIRING shed: node 2 stopped, node 0 is still primary");
  expect(text).toContain("Node 3 is on standby.");
  expect(text).toContain("node 1  standby, suspected  not reported");
  expect(text).toContain("node 2  dead                not since node 0 started");
});

test("no node is primary -> says that nothing is measured", async () => {
  const { subject, text } = await mailOf(death({ took_over: false, state: { ...state, primary: null } }));
  expect(subject).toContain("no node is primary");
  expect(text).toContain("nothing is being measured");
});

test("an empty seat -> not counted as a standby", async () => {
  const { text } = await mailOf(
    death({ cluster_id: "shed", state: { ...state, dead: [0, 2, 3], never_admitted: [2, 3] } }),
  );
  expect(text).toContain("There is no standby left");
  expect(text).toContain("node 3  empty seat          never");
});

test("HTML -> says everything the text says", async () => {
  const { text, html } = await mailOf(death({ cluster_id: "attic" }));
  const plain = html.replace(/<[^>]+>/g, " ").replaceAll("&#39;", "'");
  const sentences = text
    .split("\n")
    .map((line) => line.trim().replace(/^NOTE: /, ""))
    .filter((line) => line.endsWith("."));
  expect(sentences.length).toBeGreaterThan(7);
  for (const sentence of sentences) expect(plain).toContain(sentence);
});

test("hostile strings in every field of a story -> text in the HTML, never markup", () => {
  const evil = `"><script>alert('x')</script>&`;
  const story: Story = {
    kind: "firing",
    subject: evil,
    headline: evil,
    notices: [evil],
    sections: [{ title: evil, lines: [evil] }],
    table: { title: evil, rows: [{ node: 0, role: evil, lastSeen: evil }] },
    runbookUrl: evil,
    footer: evil,
  };
  const html = renderHtml(story);
  expect(html).not.toContain("<script");
  expect(html.split(escapeHtml(evil))).toHaveLength(11);
  expect(renderText(story)).toContain(evil);
});

test.each(["a\r\nBcc: x@example.org", "a\nb", "a\u0000", "a\u2028b"])(
  "%j in a header -> refused",
  (value) => {
    expect(() => headerSafe("Subject", value)).toThrow(
      expect.objectContaining({ name: "HeaderUnsafe", code: "MAIL-006" }),
    );
  },
);

test("a RUNBOOK_URL's heading -> exists in RUNBOOK.md", async () => {
  const { text } = await mailOf(death());
  const { readFileSync } = await import("node:fs");
  const heading = /#([a-z-]+)\n/.exec(text)![1];
  expect(readFileSync("RUNBOOK.md", "utf8")).toContain(`\n## ${heading}\n`);
});
