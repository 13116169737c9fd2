/**
 * The tests of a file as functions that can be called again and again, against templates that are changed meanwhile: what
 * they assert is tested, not a copy of it. For files whose templates all come from `synthesize`, and whose tests are
 * synchronous.
 */
import { Template } from "aws-cdk-lib/assertions";
import * as exampleApp from "../lib/example-app.ts";

export type TemplateJson = Record<string, Record<string, Record<string, unknown>>>;
/** Changes a copy of a template of a stack. Returns whether it did: not every form of the stacks has what is changed. */
export type Mutation = (stack: StackName, template: TemplateJson) => boolean;

const STACKS = ["data", "pipeline", "devices"] as const;
export type StackName = (typeof STACKS)[number];
type Synthesized = ReturnType<typeof exampleApp.synthesize>;

export interface Collected {
  readonly name: string;
  /** Throws when the test fails. */
  readonly run: () => void;
}

/** Templates that change under the tests that hold them. */
export class ChangingTemplates {
  readonly #synthesized = new Map<string, Synthesized>();
  #mutation: Mutation | undefined;
  #mutated = new Map<Template, Template>();
  #read = new Set<StackName | "constructs">();
  /** What went wrong in a mutation itself: a test that fails for that has noticed nothing. */
  readonly broken: unknown[] = [];

  /** All that has been synthesized so far, as it is without a mutation. */
  get originals(): readonly (readonly [StackName, TemplateJson])[] {
    return [...this.#synthesized.values()].flatMap((one) =>
      STACKS.map((stack) => [stack, one[stack].toJSON() as TemplateJson] as const),
    );
  }

  /** @param mutation undefined: as they were */
  change(mutation: Mutation | undefined): void {
    this.#mutation = mutation;
    this.#mutated = new Map();
  }

  /** What a test reads: templates, and constructs, which do not change. */
  readBy(run: () => void): ReadonlySet<StackName | "constructs"> {
    this.#read = new Set();
    run();
    return this.#read;
  }

  readonly synthesize: typeof exampleApp.synthesize = (...given) => {
    const key = JSON.stringify(given);
    const known = this.#synthesized.get(key) ?? exampleApp.synthesize(...given);
    this.#synthesized.set(key, known);
    const [data, pipeline, devices] = STACKS.map((stack) => this.#live(stack, known[stack]));
    const stacks = new Proxy(known.stacks, {
      get: (of, property) => {
        this.#read.add("constructs");
        return Reflect.get(of, property);
      },
    });
    return { stacks, data: data!, pipeline: pipeline!, devices: devices! };
  };

  #live(stack: StackName, original: Template): Template {
    return new Proxy(original, {
      get: (_, property) => {
        this.#read.add(stack);
        const template = this.#current(stack, original);
        const value: unknown = Reflect.get(template, property);
        return typeof value === "function" ? value.bind(template) : value;
      },
    });
  }

  #current(stack: StackName, original: Template): Template {
    if (this.#mutation === undefined) return original;
    const known = this.#mutated.get(original);
    if (known !== undefined) return known;
    const mutated = this.#mutate(this.#mutation, stack, original);
    this.#mutated.set(original, mutated);
    return mutated;
  }

  #mutate(mutation: Mutation, stack: StackName, original: Template): Template {
    const json = JSON.parse(JSON.stringify(original.toJSON())) as TemplateJson;
    try {
      return mutation(stack, json) ? Template.fromJSON(json) : original;
    } catch (error) {
      this.broken.push(error);
      return original;
    }
  }
}

/** @param file as `require` of this folder resolves it */
export function collect(file: string, templates: ChangingTemplates): Collected[] {
  const collected: Collected[] = [];
  const names: string[] = [];
  const collectTest = (name: string, body: (...row: never[]) => unknown, row: readonly unknown[] = []) => {
    const whole = [...names, name, ...row.map((value) => JSON.stringify(value))].join(" ");
    collected.push({
      name: whole,
      run: () => {
        if (body(...(row as never[])) instanceof Promise)
          throw new Error(`${file}: ${whole} is asynchronous, which is not collected`);
      },
    });
  };
  const each =
    (rows: readonly unknown[]) =>
    (name: string, body: (...row: never[]) => unknown): void => {
      for (const row of rows) collectTest(name, body, Array.isArray(row) ? row : [row]);
    };
  const collectDescribe = (name: string, body: () => void) => {
    names.push(name);
    body();
    names.pop();
  };
  const describeEach =
    (rows: readonly Readonly<Record<string, unknown>>[]) =>
    (name: string, body: (row: never) => void): void => {
      for (const row of rows)
        collectDescribe(
          name.replace(/\$(\w+)/g, (_, key: string) => String(row[key])),
          () => body(row as never),
        );
    };
  const own = { test: globalThis.test, describe: globalThis.describe };
  const { synthesize } = templates;
  jest.doMock("../lib/example-app.ts", () => ({ ...exampleApp, synthesize }));
  Object.assign(globalThis, {
    test: Object.assign((name: string, body: () => unknown) => collectTest(name, body), { each }),
    describe: Object.assign(collectDescribe, { each: describeEach }),
  });
  try {
    require(file);
  } finally {
    Object.assign(globalThis, own);
    jest.dontMock("../lib/example-app.ts");
  }
  return collected;
}
