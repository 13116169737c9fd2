/**
 * A browser without a window, over a pipe of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol).
 * No dependency: Chromium or Chrome as the machine has it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** The program: BROWSER_BIN, or the first of its names that PATH has. @throws Error: there is none */
function findBrowser(): string {
  const given = process.env.BROWSER_BIN;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates =
    given === undefined ? folders.flatMap((folder) => NAMES.map((name) => join(folder, name))) : [given];
  const found = candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found !== undefined) return found;
  throw new Error(
    `no browser: ${given ?? `none of ${NAMES.join(", ")} is on PATH`}. Install one (apt-get install chromium), or set BROWSER_BIN`,
  );
}

const PHONE_BELOW = 600;

type Json = Record<string, unknown>;

/** How a page is looked at. */
export interface Look {
  /** CSS pixels; below `PHONE_BELOW` as a phone. */
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** A browser that draws pages. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Json) => void>();
  #heard: Json[] = [];
  #serial = 0;
  #rest = "";
  #session: string | undefined;

  constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), "ha2m-browser-"));
    const flags = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--remote-debugging-pipe",
    ];
    this.#process = spawn(findBrowser(), [...flags, `--user-data-dir=${this.#profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    (this.#process.stdio[4] as Readable).on("data", (data: Buffer) => this.#take(data.toString()));
  }

  #take(text: string): void {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop() ?? "";
    for (const message of messages) {
      const answer = JSON.parse(message) as Json;
      if (typeof answer.id === "number") this.#waiting.get(answer.id)?.(answer);
      else this.#heard.push(answer);
    }
  }

  async #ask(method: string, params: Json = {}): Promise<Json> {
    const id = ++this.#serial;
    const answered = new Promise<Json>((done) => this.#waiting.set(id, done));
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as Json;
  }

  /** @throws Error: the browser refused */
  async open(): Promise<void> {
    const { targetId } = await this.#ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.#ask("Target.attachToTarget", { targetId, flatten: true });
    this.#session = String(sessionId);
    await this.#ask("Page.enable");
  }

  /** The whole page as WebP, a quarter of a PNG's size. @returns its bytes, and how much wider than the viewport it is, in CSS pixels */
  async draw(
    html: string,
    { width, scheme }: Look,
  ): Promise<{ readonly webp: Buffer; readonly overflow: number }> {
    await this.#ask("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    await this.#ask("Emulation.setDeviceMetricsOverride", {
      ...{ width, height: 200, deviceScaleFactor: 1, mobile: width < PHONE_BELOW },
    });
    const { frameTree } = (await this.#ask("Page.getFrameTree")) as { frameTree: { frame: { id: string } } };
    await this.#ask("Page.setDocumentContent", { frameId: frameTree.frame.id, html });
    const measure = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
    const { result } = (await this.#ask("Runtime.evaluate", {
      expression: `Promise.all([...document.images].map((image) => image.decode().catch(() => {}))).then(() => ${measure})`,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: [number, number] } };
    const [wide, height] = result.value;
    const { data } = await this.#ask("Page.captureScreenshot", {
      ...{ format: "webp", quality: 75, captureBeyondViewport: true },
      clip: { x: 0, y: 0, width, height, scale: 1 },
    });
    return { webp: Buffer.from(String(data), "base64"), overflow: wide - width };
  }

  async close(): Promise<void> {
    this.#process.kill();
    await once(this.#process, "exit");
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
