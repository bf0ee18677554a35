import type { ReactNode } from 'react';

/** The place Report. */
export function Report({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Report {id}</h1>;
}
