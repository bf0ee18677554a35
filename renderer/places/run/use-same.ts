import { useRef } from 'react';

/** The value of the render before for as long as the new one says the same, so that memos hold. */
export function useSame<T>(value: T): T {
  const kept = useRef<{ readonly value: T; readonly text: string } | null>(null);
  // A state arrives whole, as new objects, several times a second; most of it is as it was.
  const text = JSON.stringify(value);
  if (kept.current === null || kept.current.text !== text) kept.current = { value, text };
  return kept.current.value;
}
