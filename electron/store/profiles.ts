import type { ProfileResult } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** Profiles of whole models, each with its operators. */
export interface Profiles {
  /**
   * Keeps one, in place of the one of number `instead` where that is given; its model and its board must be in the
   * store. Returns its number. Errors: those of every write of the store.
   */
  save(profile: ProfileResult, boardAddress: string, instead?: number): Result<number, RequestError>;
  /** The last of this model, on any board or on the one that was met last at one of these addresses. */
  newest(modelSha256: string, boardAddresses?: readonly string[]): ProfileResult | undefined;
}

/** The last profile of a model on any board. */
export const newestProfile =
  'SELECT result FROM profiles WHERE model_sha256 = ? ORDER BY sequence DESC LIMIT 1';

/** The last profile of a model on the board that was met last at one of several addresses, given as a JSON array. */
export const newestProfileOnBoard = `
  SELECT result FROM profiles WHERE model_sha256 = ?
    AND board_id IN (SELECT board_id FROM board_ways WHERE address IN (SELECT value FROM json_each(?)))
  ORDER BY sequence DESC LIMIT 1`;

/** The profiles of an open store. */
export function openProfiles(context: StoreContext): Profiles {
  const { db } = context;
  const insert = db.prepare<[string, string, string, string, string]>(
    'INSERT INTO profiles (model_sha256, board_id, board_address, result, recorded_at) VALUES (?, ?, ?, ?, ?)',
  );
  const replace = db.prepare<[string, string, number]>(
    'UPDATE profiles SET result = ?, recorded_at = ? WHERE sequence = ?',
  );
  const newest = db.prepare<[string], { result: string }>(newestProfile);
  const newestThere = db.prepare<[string, string], { result: string }>(newestProfileOnBoard);
  return {
    save: (profile, boardAddress, instead) =>
      inTransaction(context, () => {
        const at = context.now().toISOString();
        if (instead !== undefined && replace.run(toJson(profile), at, instead).changes === 1) return instead;
        const { lastInsertRowid } = insert.run(
          profile.modelSha256,
          profile.board.id,
          boardAddress,
          toJson(profile),
          at,
        );
        return Number(lastInsertRowid);
      }),
    newest: (modelSha256, boardAddresses) => {
      const row = boardAddresses
        ? newestThere.get(modelSha256, toJson(boardAddresses))
        : newest.get(modelSha256);
      // Written by `save` alone, from a value of this type.
      return row && (fromJson(row.result) as ProfileResult);
    },
  };
}
