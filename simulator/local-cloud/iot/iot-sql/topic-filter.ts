/**
 * The topic filter of a FROM clause.
 * Source: AWS IoT Core Developer Guide, "FROM clause", "Topic filters"; MQTT 3.1.1 section 4.7.
 * Not emulated: AWS's limits on a topic's length and number of slashes.
 */

/** Why a text is no topic filter; undefined: it is one. */
export function topicFilterProblem(filter: string): string | undefined {
  const levels = filter.split("/");
  if (filter === "") return "a topic filter has at least one character";
  if (filter.includes("\0")) return "a topic filter must not have U+0000";
  if (levels.some((level) => level.length > 1 && /[+#]/.test(level))) return "+ and # take a whole level";
  if (levels.slice(0, -1).includes("#")) return "# can only be the last level";
  return undefined;
}

/**
 * Whether a message on `topic` triggers the rule. `+` is one level; `#` is one or more, so that, unlike in a plain
 * subscription, `sensor/#` does not match `sensor`. A wildcard in front does not match topics that begin with `$`.
 */
export function topicMatches(filter: string, topic: string): boolean {
  const [levels, segments] = [filter.split("/"), topic.split("/")];
  const open = levels.at(-1) === "#";
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false; // [MQTT-4.7.2-1]
  if (open ? segments.length < levels.length : segments.length !== levels.length) return false;
  const fixed = open ? levels.slice(0, -1) : levels;
  return fixed.every((level, i) => level === "+" || level === segments[i]);
}
