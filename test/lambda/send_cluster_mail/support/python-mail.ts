/** Python's own mail parser, where there is a Python: it shares no code with what wrote the mails. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Parsed {
  readonly defects: readonly string[];
  /** Names in lower case, in their order. */
  readonly headers: readonly string[];
  readonly types: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly subject: string | null;
  readonly messageId: string | null;
  readonly references: string | null;
  readonly inReplyTo: string | null;
  readonly autoSubmitted: string | null;
  readonly listId: string | null;
  readonly listUnsubscribe: string | null;
  /** Epoch seconds. */
  readonly date: number;
  readonly text: string;
  readonly html: string;
  readonly attachments: number;
}

const SCRIPT = join(__dirname, "..", "adapters", "parse_mails.py");

/** `policy.default` with its header defects is older than this; get_content is not. */
export const hasPython =
  spawnSync("python3", ["-c", "import email.policy, sys; assert sys.version_info >= (3, 6)"]).status === 0;

export function parseByPython(mails: readonly Buffer[]): readonly Parsed[] {
  const input = JSON.stringify(mails.map((mail) => mail.toString("base64")));
  const { status, stdout, stderr } = spawnSync("python3", [SCRIPT], {
    input,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`python3 ${SCRIPT} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
