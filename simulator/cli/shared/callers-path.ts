/** Paths as the caller typed them. */
import { resolve } from "node:path";

/**
 * npm runs a command in the project's folder and keeps the caller's in INIT_CWD; a relative path is meant from there.
 * Left as it is where both are the same. `npm_lifecycle_event` tells npm's own start of `command` from one by a program
 * that itself was started by npm, whose INIT_CWD would be another's.
 */
export function callersPath(command: string, path: string): string {
  const { INIT_CWD, npm_lifecycle_event } = process.env;
  if (INIT_CWD === undefined || npm_lifecycle_event !== command) return path;
  const meant = resolve(INIT_CWD, path);
  return meant === resolve(path) ? path : meant;
}
