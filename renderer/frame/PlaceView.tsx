import { type ReactNode, useEffect, useState } from 'react';
import { Loading } from '../parts/States.tsx';
import type { Place, View } from './places.ts';

/**
 * Shows a place as soon as its part of the bundle is there. Not by `lazy` and `Suspense`: React holds back what comes
 * within 300 ms of a fallback, which is longer than most parts take.
 */
export function PlaceView({
  place,
  id,
}: {
  readonly place: Place<string>;
  readonly id: string | null;
}): ReactNode {
  const [fetched, setFetched] = useState<{ readonly view: View } | { readonly failure: unknown } | null>(
    null,
  );
  useEffect(() => {
    let gone = false;
    place.load().then(
      (view) => gone || setFetched({ view }),
      (failure: unknown) => gone || setFetched({ failure }),
    );
    return () => {
      gone = true;
    };
  }, [place]);
  // The frame around says that the place failed, and offers to try again.
  if (fetched && 'failure' in fetched) throw fetched.failure;
  const Shown = place.view() ?? fetched?.view;
  return Shown ? <Shown id={id} /> : <Loading />;
}
