import type { Finding } from "../../../../simulator/cli/doctor/finding.ts";
import { conclusion, printFinding } from "../../../../simulator/cli/doctor/print.ts";
import { recordingTerminal } from "../recording-terminal.ts";

const finding: Finding = {
  check: "recipient",
  state: "wrong",
  text: "somebody.with.a.long.name@example.com is not verified in SES: request it, and open the link in the mail that SES sends",
  mend: "aws ses verify-email-identity --email-address somebody.with.a.long.name@example.com --region eu-west-1",
};

test("into a pipe -> one line, the command at its end, no colour", () => {
  const { terminal, printed } = recordingTerminal();
  printFinding(terminal, finding);
  expect(printed()).toBe(`✗ recipient    ${finding.text}: ${finding.mend}\n`);
});

test("a terminal of 80 columns -> lines that fit, a command that can be copied", () => {
  const { terminal, printed } = recordingTerminal({ wraps: true, columns: 80 });
  printFinding(terminal, finding);
  const lines = printed().trimEnd().split("\n");
  expect(lines.filter((line) => line.length >= 80)).toEqual([]);
  expect(lines[1]).toMatch(/^ {15}\S/);
  const command = lines.slice(lines.findIndex((line) => line.startsWith("    aws")));
  expect(
    command
      .join("\n")
      .replace(/ \\\n +/g, " ")
      .trim(),
  ).toBe(finding.mend);
});

test("a command with quoted words -> left whole", () => {
  const { terminal, printed } = recordingTerminal({ wraps: true, columns: 40 });
  const mend = "aws sns subscribe --notification-endpoint 'a b c d e f g h i j k@example.com'";
  printFinding(terminal, { ...finding, mend });
  expect(printed()).toContain(`\n    ${mend}\n`);
});

test("colour -> the mark and the label are painted, where the terminal can", () => {
  const { terminal, printed } = recordingTerminal({ colour: true, wraps: true });
  printFinding(terminal, { check: "rule", state: "good", text: "r is enabled" });
  expect(printed()).toBe("\u001b[32m✓ rule         \u001b[0mr is enabled\n");
});

test.each([
  [[], "Nothing is wrong."],
  [["warning"], "Nothing is wrong, 1 warning."],
  [["wrong", "good"], "1 thing is wrong."],
  [["wrong", "wrong", "warning", "warning"], "2 things are wrong, 2 warnings."],
] as const)("%j -> %s", (states, text) => {
  expect(conclusion(states.map((state) => ({ check: "rule", state, text: "" })))).toBe(text);
});
