import type { AppError } from '../../../electron/contract/errors.ts';
import type { FoundBoard } from '../../../electron/contract/found-boards.ts';
import type { BoardCard, ConnectedBoard, JobState } from '../../../electron/contract/views.ts';
import { boardOfJob, fullAddress, leadsTo } from '../../client/boards.ts';
import { isActive } from '../../client/jobs.ts';
import type { FoundRows } from './found-rows.ts';

/** What a row says of its board in one word. */
export type RowState =
  | 'connected'
  | 'connecting'
  | 'asking'
  | 'stopping'
  | 'profile'
  | 'optimize'
  | 'compare'
  | 'deploy'
  | 'rollback'
  | 'unmanage'
  | 'checkDeployments'
  | 'removeRunner'
  | 'trial'
  | 'unreachable'
  | 'untrusted'
  | 'keyChanged'
  | 'another'
  | 'refused'
  | 'failed'
  | 'notConnected'
  | 'never';

/** A board with what this session knows of it. */
export interface BoardRowData {
  readonly card: BoardCard;
  /** Where a search found it, while that search is the last one. */
  readonly found: FoundBoard | null;
  readonly state: RowState;
  /** The connect job that goes on, or the last one that has come to its end. */
  readonly job: JobState | null;
  /** What the last connect job of this session found, while nothing says that the board is gone. */
  readonly connected: ConnectedBoard | null;
  /** The removal of Fieldtune from the board that was the last job there, at work or over. */
  readonly removal: JobState | null;
  /** Any job that is at work on the board. */
  readonly active: JobState | null;
}

/** The groups of the place in their order. */
export interface BoardGroups {
  readonly connected: readonly BoardRowData[];
  readonly found: readonly BoardRowData[];
  readonly recent: readonly BoardRowData[];
}

/** Sorts the boards into groups; `jobs` come the newest first. */
export function groupBoards(
  cards: readonly BoardCard[],
  jobs: readonly JobState[],
  found: FoundRows['known'] = new Map(),
): BoardGroups {
  const rows = cards.map((card) => rowOf(card, found.get(card.address) ?? null, jobs));
  const isHere = ({ card, found: there }: BoardRowData): boolean => card.link === 'local' || there !== null;
  const apart = rows.filter(({ connected }) => connected === null);
  return {
    connected: rows.filter(({ connected }) => connected !== null),
    found: apart.filter(isHere),
    recent: apart.filter((row) => !isHere(row)).sort(lastSeenFirst),
  };
}

const lastSeenFirst = (a: BoardRowData, b: BoardRowData): number =>
  (b.card.lastSeenAt ?? '').localeCompare(a.card.lastSeenAt ?? '');

function rowOf(card: BoardCard, found: FoundBoard | null, jobs: readonly JobState[]): BoardRowData {
  const own = jobs.filter((job) => isWork(card, found, job));
  const active = own.find(isActive) ?? null;
  const connects = own.filter(({ kind }) => kind === 'connect');
  const job = active?.kind === 'connect' ? active : (connects[0] ?? null);
  const connected = connectedIn(own);
  const removal = own[0]?.kind === 'removeRunner' ? own[0] : null;
  return { card, found, job, connected, removal, active, state: stateOf(card, job, connected, active) };
}

/** A job at a way that was found is one of the board's, though the way is not yet known as its own. */
const isWork = (card: BoardCard, found: FoundBoard | null, job: JobState): boolean =>
  leadsTo(card, boardOfJob(job)) ||
  (found?.ways.some(({ address }) => address !== null && fullAddress(address) === boardOfJob(job)) ?? false);

/** What the newest connect job found that was not followed by word that the board, or its runner, is gone. */
function connectedIn(own: readonly JobState[]): ConnectedBoard | null {
  for (const job of own) {
    if (job.outcome?.kind === 'connect') return job.outcome.board;
    // What the board was measured with is gone: the next connect installs it anew.
    if (job.outcome?.kind === 'removeRunner' && job.outcome.removal.deleted) return null;
    if (job.error && (job.kind === 'connect' || isGone(job.error))) return null;
  }
  return null;
}

const isGone = ({ kind }: AppError): boolean =>
  kind === 'boardLost' ||
  kind === 'boardUnreachable' ||
  kind === 'hostKeyChanged' ||
  kind === 'authenticationFailed';

function stateOf(
  card: BoardCard,
  job: JobState | null,
  connected: ConnectedBoard | null,
  active: JobState | null,
): RowState {
  if (active) {
    if (active.question) return 'asking';
    if (active.state === 'cancelling' || active.state === 'pausing') return 'stopping';
    return active.kind === 'connect' ? 'connecting' : active.kind;
  }
  if (connected) return 'connected';
  if (job?.error) return failedState(job.error);
  return card.lastSeenAt === null ? 'never' : 'notConnected';
}

function failedState({ kind }: AppError): RowState {
  switch (kind) {
    case 'boardUnreachable':
    case 'boardLost':
      return 'unreachable';
    case 'hostKeyUnknown':
    case 'hostKeyRefused':
      return 'untrusted';
    case 'hostKeyChanged':
      return 'keyChanged';
    case 'boardIsAnother':
      return 'another';
    case 'authenticationFailed':
      return 'refused';
    default:
      return 'failed';
  }
}
