import { randomBytes } from 'node:crypto';
import type { DeploymentRecord, DeploymentState } from '../contract/deploy.ts';
import type { AppError, RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** What a new deployment starts from; its board must be in the store. */
export type NewDeployment = Omit<DeploymentRecord, 'id' | 'state' | 'startedAt' | 'updatedAt' | 'failure'>;

/** How a deployment can end; `interrupted`: the link went, and the board was left as it was then. */
export type DeploymentEnd = 'active' | 'rolled back' | 'failed' | 'cancelled' | 'interrupted';

/**
 * Deployments, rollbacks and returns of plain files; every row waits for the disk (`synchronous = FULL`).
 * Errors of the writes: those of every write of the store.
 */
export interface Deployments {
  /** Notes one that this process is about to make; returns its id. */
  begin(deployment: NewDeployment): Result<string, RequestError>;
  reach(id: string, state: Exclude<DeploymentState, DeploymentEnd>): Result<void, RequestError>;
  end(id: string, state: DeploymentEnd, failure?: AppError): Result<void, RequestError>;
  /** The newest first; one whose process is gone is seen as interrupted. */
  list(boardId?: string): DeploymentRecord[];
  /** Those that were cut off and that nobody was told of yet; they count as told from now on. */
  takeUntold(): Result<DeploymentRecord[], RequestError>;
}

interface Row {
  readonly id: string;
  readonly action: DeploymentRecord['action'];
  readonly state: DeploymentState;
  readonly board_id: string;
  readonly board_name: string;
  readonly address: string;
  readonly path: string;
  readonly run: string | null;
  readonly sha256: string | null;
  readonly previous_sha256: string | null;
  readonly done_by: string;
  readonly started_at: string;
  readonly updated_at: string;
  readonly failure: string | null;
  readonly owner_pid: number | null;
  readonly owner_started: string | null;
}

const isCutOff = ({ state, owner_pid: pid, owner_started: started }: Row): boolean =>
  state === 'interrupted' || (pid !== null && !isAlive({ pid, started }));

const fromRow = (row: Row): DeploymentRecord => ({
  id: row.id,
  action: row.action,
  state: isCutOff(row) ? 'interrupted' : row.state,
  boardId: row.board_id,
  boardName: row.board_name,
  address: row.address,
  path: row.path,
  run: row.run,
  sha256: row.sha256,
  previous: row.previous_sha256,
  by: row.done_by,
  startedAt: row.started_at,
  updatedAt: row.updated_at,
  // Written by `end` alone, from a value of this type.
  failure: row.failure === null ? null : (fromJson(row.failure) as AppError),
});

/** The deployments of an open store. */
export function openDeployments(context: StoreContext, self: ProcessIdentity = thisProcess()): Deployments {
  const { db } = context;
  const insert = db.prepare<NewDeployment & ProcessIdentity & { id: string; at: string }>(`
    INSERT INTO deployments (id, action, state, board_id, board_name, address, path, run, sha256, previous_sha256,
      done_by, started_at, updated_at, steps, owner_pid, owner_started)
    VALUES (@id, @action, 'planned', @boardId, @boardName, @address, @path, @run, @sha256, @previous,
      @by, @at, @at, json_array(json_array('planned', @at)), @pid, @started)`);
  const step = db.prepare<{ id: string; state: DeploymentState; at: string }>(`
    UPDATE deployments SET state = @state, updated_at = @at,
      steps = json_insert(steps, '$[#]', json_array(@state, @at)) WHERE id = @id`);
  const settle = db.prepare<{ id: string; failure: string | null }>(
    'UPDATE deployments SET failure = @failure, owner_pid = NULL, owner_started = NULL WHERE id = @id',
  );
  const all = db.prepare<{ boardId: string | null }, Row>(`
    SELECT * FROM deployments WHERE @boardId IS NULL OR board_id = @boardId ORDER BY started_at DESC, rowid DESC`);
  const untold = db.prepare<[], Row>(`
    SELECT * FROM deployments WHERE told_at IS NULL AND (state = 'interrupted' OR owner_pid IS NOT NULL)
    ORDER BY started_at`);
  const tell = db.prepare<[string, string]>('UPDATE deployments SET told_at = ? WHERE id = ?');
  const now = (): string => context.now().toISOString();
  return {
    begin: (deployment) =>
      inTransaction(context, () => {
        const at = now();
        const id = `${at.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
        insert.run({ ...deployment, ...self, id, at });
        return id;
      }),
    reach: (id, state) =>
      inTransaction(context, () => {
        step.run({ id, state, at: now() });
      }),
    end: (id, state, failure) =>
      inTransaction(context, () => {
        step.run({ id, state, at: now() });
        settle.run({ id, failure: failure === undefined ? null : toJson(failure) });
      }),
    list: (boardId) => all.all({ boardId: boardId ?? null }).map(fromRow),
    takeUntold: () =>
      inTransaction(context, () => {
        const found = untold.all().filter(isCutOff);
        for (const { id } of found) tell.run(now(), id);
        return found.map(fromRow);
      }),
  };
}
