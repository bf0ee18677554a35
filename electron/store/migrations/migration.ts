import type { Connection } from '../database.ts';

/** One step of the schema; once released it never changes, a later step corrects it. */
export interface Migration {
  /** Schema version after this step; steps are numbered from 1 without gaps. */
  readonly version: number;
  readonly name: string;
  /** Changes the schema inside the transaction that also records the step. */
  up(db: Connection): void;
}
