import type { ReactNode } from 'react';

/** The place Run. */
export function Run({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Run {id}</h1>;
}
