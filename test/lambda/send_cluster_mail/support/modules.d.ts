// Packages of the tests that ship no types: the part that is used.
declare module "dynalite" {
  import type { Server } from "node:http";

  const dynalite: (options: { createTableMs?: number; path?: string }) => Server;
  // biome-ignore lint/style/noDefaultExport: the package has one export, and that is the default
  export default dynalite;
}

declare module "mailparser" {
  export interface ParsedMail {
    readonly subject?: string;
    readonly text?: string;
    readonly html: string | false;
    readonly date?: Date;
    readonly from?: { readonly text: string };
    readonly to?: { readonly text: string };
    readonly inReplyTo?: string;
    readonly references?: string | string[];
    readonly messageId?: string;
    readonly headers: ReadonlyMap<string, unknown>;
    readonly headerLines: readonly { readonly key: string; readonly line: string }[];
    readonly attachments: readonly unknown[];
  }
  export function simpleParser(source: Buffer): Promise<ParsedMail>;
}
