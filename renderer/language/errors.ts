import type { AppError } from '../../electron/contract/errors.ts';
import { useLanguage } from './language.ts';

/** An expected failure in words. */
export interface ErrorText {
  readonly happened: string;
  readonly why: string;
  /** What the person can do now. */
  readonly todo: string;
}

/** Puts failures into the language of the window. */
export function useErrorText(): (error: AppError) => ErrorText {
  const language = useLanguage();
  return (error) => ({ happened: error.kind, why: language, todo: '' });
}
