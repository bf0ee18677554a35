import type { ReactNode } from 'react';

/** The place Settings. */
export function Settings({ id }: { readonly id: string | null }): ReactNode {
  return <h1>Settings {id}</h1>;
}
