/** A CloudFormation template, as far as the doctor reads it. */
import { isDeepStrictEqual } from "node:util";

/** A resource of a CloudFormation template, as it stands there. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  /** Where the construct stands in the app: the CDK's command line writes it, the local cloud's synthesis does not. */
  readonly Metadata?: unknown;
}

/** A CloudFormation template, as far as checks read it. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value?: unknown }>>;
}

/** CloudFormation gives back "?" for whatever is not ASCII, so that is how both sides are read. */
export const parseTemplate = (text: string): Template =>
  JSON.parse(text.replace(/\P{ASCII}/gu, "?")) as Template;

/** Logical ids of what differs: resources, then outputs; metadata aside. */
export function differences(x: Template, y: Template): string[] {
  const bare = ({ Metadata: _, ...rest }: TemplateResource) => rest;
  return [
    ...differing(x.Resources ?? {}, y.Resources ?? {}, bare),
    ...differing(x.Outputs ?? {}, y.Outputs ?? {}, ({ Value }) => Value),
  ];
}

function differing<T>(
  x: Readonly<Record<string, T>>,
  y: Readonly<Record<string, T>>,
  seen: (value: T) => unknown,
): string[] {
  const at = (side: Readonly<Record<string, T>>, id: string) => {
    const value = side[id];
    return value === undefined ? undefined : seen(value);
  };
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].filter(
    (id) => !isDeepStrictEqual(at(x, id), at(y, id)),
  );
}

/** The resources of one type. */
export const resourcesOf = ({ Resources = {} }: Template, type: string): TemplateResource[] =>
  Object.values(Resources).filter(({ Type }) => Type === type);
