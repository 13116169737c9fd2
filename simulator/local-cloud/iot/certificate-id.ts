import { createHash } from "node:crypto";

/** The certificate id that AWS IoT derives from a certificate: SHA-256 of its DER form, in lower-case hexadecimal. */
export const certificateId = (der: ArrayBuffer | Uint8Array): string =>
  createHash("sha256").update(new Uint8Array(der)).digest("hex");
