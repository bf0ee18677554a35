import type { ReactNode } from 'react';

/** The place Models. */
export function Models({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Models {id}</h1>;
}
