import type { OperatorRow, ProfileResult } from '../../../../electron/contract/api.ts';
import type { GraphOperator, ModelDetail } from '../../../../electron/contract/views.ts';

/** What is known of one operator: from the model, and from the profile where there is one. */
export interface KnownOperator {
  /** Names it on the page. */
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** Its place in the model's list; null for a row that the runtime put in itself. */
  readonly place: number | null;
  readonly operator: GraphOperator | null;
  /** Its time; null without a profile, or when another operator absorbed it. */
  readonly timed: OperatorRow | null;
  /** The operator that absorbed it when the runtime fused them. */
  readonly absorbedBy: string | null;
  /** Why it stays as it is; null where it can be replaced. */
  readonly opaque: string | null;
}

/** The operators of a model in its order with what a profile says of them, then the runtime's own rows. */
export function knownOperators(
  { operators, opaque }: Pick<ModelDetail, 'operators' | 'opaque'>,
  profile: Pick<ProfileResult, 'operators'> | null,
): readonly KnownOperator[] {
  const reasons = new Map(opaque.map(({ operator, reason }) => [operator, reason]));
  const rows = profile?.operators ?? [];
  const timed = new Map(rows.filter(({ users }) => users).map((row) => [row.name, row]));
  const absorbers = new Map(rows.flatMap(({ name, absorbed }) => absorbed.map((gone) => [gone, name])));
  return [
    ...operators.map((operator, place): KnownOperator => {
      const { name, type } = operator;
      const row = timed.get(name) ?? null;
      const absorbedBy = row ? null : (absorbers.get(name) ?? null);
      return {
        key: `o${place}`,
        name,
        type,
        place,
        operator,
        timed: row,
        absorbedBy,
        opaque: reasons.get(name) ?? null,
      };
    }),
    ...rows
      .filter(({ users }) => !users)
      .map(
        (row, i): KnownOperator => ({
          key: `r${i}`,
          name: row.name,
          type: row.type,
          place: null,
          operator: null,
          timed: row,
          absorbedBy: null,
          opaque: null,
        }),
      ),
  ];
}

/** The slowest operator's time, microseconds; null where none is timed. */
export const slowestUs = (operators: readonly KnownOperator[]): number | null =>
  operators.reduce<number | null>(
    (most, { timed }) => (timed ? Math.max(most ?? 0, timed.latencyUs) : most),
    null,
  );

/** Where on the scale of heat a time stands, 0 to 1; null where there is no time or no scale. */
export const heatOf = (us: number | null | undefined, highestUs: number | null): number | null =>
  us == null || highestUs === null || highestUs <= 0 ? null : Math.min(1, Math.max(0, us / highestUs));

/** Where a search for name, type or attribute finds: the places of the operators in `operators`. */
export function searchOperators(operators: readonly KnownOperator[], text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return operators.flatMap((known, i) => (searchedText(known).includes(wanted) ? [i] : []));
}

/** Rows whose name, type or attributes contain the text, or match it when it is written as `/pattern/`. */
export function filterOperators(operators: readonly KnownOperator[], text: string): readonly KnownOperator[] {
  const wanted = text.trim();
  if (wanted === '') return operators;
  const pattern = patternOf(wanted);
  if (pattern) return operators.filter((known) => pattern.test(searchedText(known)));
  return operators.filter((known) => searchedText(known).includes(wanted.toLowerCase()));
}

/** The pattern of `/…/`; null where it is none, or none that works yet. */
function patternOf(text: string): RegExp | null {
  const inner = /^\/(.+)\/$/.exec(text)?.[1];
  if (inner === undefined) return null;
  try {
    return new RegExp(inner, 'i');
  } catch {
    return null;
  }
}

const searchedText = ({ name, type, operator }: KnownOperator): string => {
  const attributes = Object.entries(operator?.attributes ?? {}).map(([key, value]) => `${key}=${value}`);
  return [name, type, ...attributes].join('\n').toLowerCase();
};
