import { Pagination } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts, useTexts } from '../language/language.ts';

const words = texts(
  'pages',
  { first: 'First page', previous: 'Previous page', next: 'Next page', last: 'Last page' },
  { first: '最初のページ', previous: '前のページ', next: '次のページ', last: '最後のページ' },
);

interface Props {
  /** Says what is on the pages. */
  readonly label: string;
  readonly pageSize: number;
  /** How many things there are on all pages. */
  readonly total: number;
  /** From 0. */
  readonly page: number;
  readonly onPage: (page: number) => void;
}

/** Buttons that lead to the other pages of a long list. */
export function Pages({ label, pageSize, total, page, onPage }: Props): ReactNode {
  const say = useTexts(words);
  return (
    <Pagination
      size="sm"
      aria-label={label}
      total={Math.ceil(total / pageSize)}
      value={page + 1}
      onChange={(next) => onPage(next - 1)}
      getControlProps={(control) => ({ 'aria-label': say(control) })}
    />
  );
}
