import type { ReactNode } from 'react';

/** The place Boards. */
export function Boards({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Boards {id}</h1>;
}
