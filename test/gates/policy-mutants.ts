/** Policies of a template, each loosened or tightened by a word: a table of what can go wrong in a statement. */
import type { Mutation, StackName, TemplateJson } from "./collected-tests.ts";

type Json = Record<string, unknown>;

/** A template with one policy that says something else. */
export interface Mutant {
  readonly stack: StackName;
  readonly name: string;
  readonly mutation: Mutation;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}/g, "");
const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const joined = (...parts: unknown[]): Json => ({ "Fn::Join": ["", parts] });

/** Every policy document below a value. */
function documentsIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(documentsIn);
  if (!isObject(value)) return [];
  return [
    ...(Array.isArray(value.Statement) ? [value] : []),
    ...Object.values(value).flatMap((inner) => documentsIn(inner)),
  ];
}

/** A value without the member at `key`, or with another in its place. */
const changed = (of: Json, key: string, to?: unknown): Json =>
  Object.fromEntries(
    Object.entries(of).flatMap(([name, value]) =>
      name === key ? (to === undefined ? [] : [[name, to]]) : [[name, value]],
    ),
  );

/** One of several, or the only one, in place of what stands at `i`; nothing in its place: it is left out. */
function replaced(value: unknown, i: number, ...by: unknown[]): unknown {
  const list = listOf(value).toSpliced(i, 1, ...by);
  return list.length === 1 && !Array.isArray(value) ? list[0] : list;
}

type Change = readonly [what: string, statement: Json];

function actionsOf(statement: Json): Change[] {
  const actions = listOf(statement.Action) as string[];
  return actions.flatMap((action, i): Change[] => {
    const [service = ""] = action.split(":");
    const by = (what: string, ...to: string[]): Change => [
      `${action} ${what}`,
      changed(statement, "Action", replaced(statement.Action, i, ...to)),
    ];
    return [
      by("is every action of the service", `${service}:*`),
      by("is every action", "*"),
      by("is another", `${action}s`),
      by("has a second beside it", action, `${service}:DeleteEverything`),
      ...(actions.length > 1 ? [by("is taken away")] : []),
    ];
  });
}

function resourcesOf(statement: Json): Change[] {
  const resources = listOf(statement.Resource);
  return resources.flatMap((resource, i): Change[] => {
    const by = (what: string, ...to: unknown[]): Change => [
      `resource ${i} ${what}`,
      changed(statement, "Resource", replaced(statement.Resource, i, ...to)),
    ];
    return [
      by("is everything", "*"),
      by("is open at its end", joined(resource, "*")),
      by("is another", joined(resource, "x")),
      by("has everything beside it", resource, "*"),
      ...(resources.length > 1 ? [by("is taken away")] : []),
    ];
  });
}

function conditionsOf(statement: Json): Change[] {
  const { Condition } = statement;
  if (!isObject(Condition)) return [];
  const by = (what: string, to?: Json): Change => [what, changed(statement, "Condition", to)];
  return [
    by("no condition"),
    ...Object.entries(Condition).flatMap(([operator, keys]) => {
      const others = changed(Condition, operator);
      return [
        by(`${operator} is another operator`, { ...others, [`${operator}IfExists`]: keys }),
        ...Object.entries(keys as Json).flatMap(([key, value]) => [
          by(`${key} is not asked`, changed(Condition, operator, changed(keys as Json, key))),
          by(`${key} may be anything`, changed(Condition, operator, { ...(keys as Json), [key]: "*" })),
          by(
            `${key} is another`,
            changed(Condition, operator, { ...(keys as Json), [key]: joined(value, "x") }),
          ),
        ]),
      ];
    }),
  ];
}

function principalsOf(statement: Json): Change[] {
  const { Principal } = statement;
  if (Principal === undefined) return [];
  const by = (what: string, to: unknown): Change => [what, changed(statement, "Principal", to)];
  return [
    ...(Principal === "*" ? [] : [by("everybody", "*")]),
    by("another account", { AWS: "arn:aws:iam::999999999999:root" }),
    by("another service", { Service: "ec2.amazonaws.com" }),
  ];
}

const effectOf = (statement: Json): Change => {
  const to = statement.Effect === "Allow" ? "Deny" : "Allow";
  return [`it is ${to}`, changed(statement, "Effect", to)];
};

/** Each change of one word in a statement. */
const changesOf = (statement: Json): Change[] =>
  [
    effectOf(statement),
    ...actionsOf(statement),
    ...resourcesOf(statement),
    ...conditionsOf(statement),
    ...principalsOf(statement),
  ].filter(([, to]) => !isSame(to, statement));

/** Changes the properties of a resource in every form of its stack; `change` says whether it did. */
const inResource =
  (of: StackName, id: string, change: (properties: Json) => boolean): Mutation =>
  (stack, { Resources = {} }) =>
    stack === of &&
    Object.entries(Resources)
      .filter(([logicalId]) => withoutHash(logicalId) === id)
      .map(([, { Properties }]) => change(Properties as Json))
      .includes(true);

/** Puts others in the place of a statement. */
const swap = (stack: StackName, id: string, statement: Json, ...by: Json[]): Mutation =>
  inResource(stack, id, (properties) => {
    const holding = documentsIn(properties).filter(({ Statement }) =>
      (Statement as Json[]).some((one) => isSame(one, statement)),
    );
    for (const document of holding)
      document.Statement = (document.Statement as Json[]).flatMap((one) =>
        isSame(one, statement) ? by : [one],
      );
    return holding.length > 0;
  });

const ANYTHING = { Effect: "Allow", Action: "*", Resource: "*" };

function ofStatement(stack: StackName, id: string, statement: Json): Mutant[] {
  const name = `${id} ${statement.Sid ?? listOf(statement.Action).join(", ")}`;
  return [
    { stack, name: `${name}: taken away`, mutation: swap(stack, id, statement) },
    {
      stack,
      name: `${name}: and everything besides`,
      mutation: swap(stack, id, statement, statement, ANYTHING),
    },
    ...changesOf(statement).map(([what, changedTo]) => ({
      stack,
      name: `${name}: ${what}`,
      mutation: swap(stack, id, statement, changedTo),
    })),
  ];
}

/** Resources of which each word says what may happen, to what, and what becomes of a failure. */
const SAYING: ReadonlySet<string> = new Set([
  "AWS::IoT::PolicyPrincipalAttachment",
  "AWS::IoT::ThingPrincipalAttachment",
  "AWS::IoT::TopicRule",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Url",
  "AWS::Scheduler::Schedule",
]);

/** For a person alone. */
const isSaying = (path: readonly string[]): boolean => path.at(-1) !== "Description";

/** A value that is put in by CloudFormation is a word, as a text is. */
const isWord = (value: unknown): boolean =>
  !(Array.isArray(value) || isObject(value)) ||
  (isObject(value) && Object.keys(value).some((key) => key === "Ref" || key.startsWith("Fn::")));

/** Where the words are; and the objects that hold them, which can be taken away whole. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const here = path.length === 0 ? [] : [path];
  if (isWord(value)) return here;
  return [
    ...here,
    ...Object.entries(value as object).flatMap(([key, inner]) => pathsIn(inner, [...path, key])),
  ];
}

const at = (of: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Json | undefined)?.[key], of);

const ofWords = (stack: StackName, id: string, properties: Json): Mutant[] =>
  pathsIn(properties)
    .filter(isSaying)
    .flatMap((path) => {
      const value = at(properties, path);
      const key = path.at(-1)!;
      const name = `${id} ${path.join(".")}`;
      const change = (by: (holder: Json) => void) =>
        inResource(stack, id, (own) => {
          if (!isSame(at(own, path), value)) return false;
          by(at(own, path.slice(0, -1)) as Json);
          return true;
        });
      const remove = change((holder) => {
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
      });
      const another = change((holder) => {
        holder[key] = typeof value === "number" ? value + 1 : joined(value, "x");
      });
      return [
        { stack, name: `${name}: taken away`, mutation: remove },
        ...(isWord(value) ? [{ stack, name: `${name}: another`, mutation: another }] : []),
      ];
    });

/** Of all templates together; what several of them have is changed in all of them at once. */
export function mutantsOf(templates: readonly (readonly [StackName, TemplateJson])[]): Mutant[] {
  const subjects = new Map<string, () => Mutant[]>();
  for (const [stack, { Resources = {} }] of templates)
    for (const [logicalId, { Type, Properties }] of Object.entries(Resources)) {
      const id = withoutHash(logicalId);
      const properties = (Properties ?? {}) as Json;
      for (const document of documentsIn(properties))
        for (const statement of document.Statement as Json[])
          subjects.set(`${id} ${JSON.stringify(statement)}`, () => ofStatement(stack, id, statement));
      if (SAYING.has(String(Type)))
        subjects.set(`${id} ${JSON.stringify(properties)}`, () => ofWords(stack, id, properties));
    }
  return [...subjects.values()].flatMap((make) => make());
}
