/** A port that a server cannot get. The message says which, why, and what to type instead. */
export class PortError extends Error {
  override readonly name = "PortError";

  /** @param flag the option that chooses another port */
  constructor(what: string, port: number, flag: string, cause: NodeJS.ErrnoException) {
    const why =
      cause.code === "EADDRINUSE"
        ? "is in use by another process"
        : cause.code === "EACCES"
          ? "is not open to this user"
          : `cannot be used (${cause.message})`;
    super(`${what} port ${port} on 127.0.0.1 ${why}; choose another with ${flag} N (0: any free one)`, {
      cause,
    });
  }
}
