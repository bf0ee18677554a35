import type { ReactNode } from 'react';
import type { FrontPoint } from '../../../electron/contract/search-progress.ts';

/** What a sign in the chart stands for. */
export type Sign = FrontPoint['state'] | 'original';

/** The signs of the chart in a box of 16 × 16, told apart by shape before colour. */
export const signPaths: { readonly [S in Sign]: string } = {
  original: 'M8,0L16,8L8,16L0,8Z',
  screened: 'M8,0A8,8,0,0,1,8,16A8,8,0,0,1,8,0ZM8,2A6,6,0,0,0,8,14A6,6,0,0,0,8,2Z',
  tuned: 'M8,0A8,8,0,0,0,8,16ZM8,0A8,8,0,0,1,8,16L8,14A6,6,0,0,0,8,2Z',
  confirmed: 'M8,0A8,8,0,0,1,8,16A8,8,0,0,1,8,0Z',
  refused: 'M2,0L8,6L14,0L16,2L10,8L16,14L14,16L8,10L2,16L0,14L6,8L0,2Z',
};

/** Tokens in which the signs are coloured, the third cue. */
export const signTokens = {
  original: 'a',
  screened: 'quiet',
  tuned: 'b',
  confirmed: 'good',
  refused: 'quiet',
} as const satisfies { readonly [S in Sign]: string };

/** A sign of the chart beside its word. */
export function SignIcon({ sign }: { readonly sign: Sign }): ReactNode {
  return (
    <svg width={12} height={12} viewBox="0 0 16 16" aria-hidden="true">
      <path d={signPaths[sign]} fill={`var(--ft-${signTokens[sign]})`} />
    </svg>
  );
}
