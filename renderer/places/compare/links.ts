import { linkTo } from '../../frame/places.ts';

/** What a new comparison starts from. */
export interface NewComparison {
  /** sha256 of the models; their paths may have been written from another folder. */
  readonly a?: string;
  readonly b?: string;
  /** Address of the board. */
  readonly board?: string;
  /** Path of the data. */
  readonly data?: string;
}

/** The id under which the place offers to compare any two models. */
export const newId = 'new';

/** The address of the form for a new comparison, filled in as far as it is known. */
export function linkToNew(known: NewComparison = {}): string {
  const search = new URLSearchParams(
    Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return search.size === 0 ? linkTo('compare', newId) : `${linkTo('compare', newId)}?${search}`;
}

/** The two runs that an id names, `RUN1..RUN2`; null: it names one. */
export function twoRunsOf(id: string): readonly [string, string] | null {
  const [first, second, ...more] = id.split('..');
  return first && second && more.length === 0 ? [first, second] : null;
}
