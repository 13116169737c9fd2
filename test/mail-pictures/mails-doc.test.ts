/** docs/mails shows the mails as they are sent. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documented } from "./samples.ts";

const FOLDER = join(__dirname, "../../docs/mails");

// A text that differs means that the pictures are old as well: npm run mail-pictures draws both.
test.each([...documented()])("%s -> its text in docs/mails, beside its two pictures", (name, { text }) => {
  expect(readFileSync(join(FOLDER, `${name}.txt`), "utf8")).toBe(text);
});

test("docs/mails -> the documented mails and nothing else, under 2 MB", () => {
  const names = [...documented().keys()];
  const files = names.flatMap((name) => [`${name}.txt`, `${name}-360-dark.webp`, `${name}-800-light.webp`]);
  expect(readdirSync(FOLDER).sort()).toEqual(files.sort());
  const bytes = files.reduce((sum, file) => sum + readFileSync(join(FOLDER, file)).length, 0);
  expect(bytes).toBeLessThan(2_000_000);
});
