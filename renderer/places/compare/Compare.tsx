import type { ReactNode } from 'react';

/** The place Compare. */
export function Compare({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Compare {id}</h1>;
}
