import type { ReactNode } from 'react';

/** The place History. */
export function History({ id }: { readonly id: string | null }): ReactNode {
  return <h1>History {id}</h1>;
}
