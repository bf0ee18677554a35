import { Fragment, type ReactNode } from 'react';

/** A sentence in which `[name]` is replaced by what `parts` has under that name. */
export function Sentence({
  text,
  parts,
}: {
  readonly text: string;
  readonly parts: Readonly<Record<string, ReactNode>>;
}): ReactNode {
  // The pieces between the brackets alternate with the names inside them.
  const pieces = text.split(/\[(\w+)\]/);
  return pieces.map((piece, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the order of the pieces is that of the text
    <Fragment key={i}>{i % 2 === 0 ? piece : parts[piece]}</Fragment>
  ));
}
