import type { CallArguments, WindowEvent } from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { JobQuestion, JobState } from '../contract/views.ts';
import type { Secrets } from './secrets.ts';

type Answer = CallArguments<'jobs.answer'>;
type PassOn = (answer: Answer) => Promise<Result<unknown, AppError>>;

/** Stands between the window and the service where a person wants an answer to a sign-in remembered. */
export interface RememberedAnswers {
  /** An answer of the window on its way to the service; what is to be remembered is kept before it goes there. */
  answer(answer: Answer): Promise<Result<unknown, AppError>>;
  /**
   * An event on its way to the window: a question whose answer is remembered is answered, and never gets there; one
   * whose remembered answer was wrong is forgotten. Events keep their order.
   */
  hear(event: WindowEvent): void;
}

/** Remembers passwords and passphrases by the means of the system alone; where it has none, nothing is kept. */
export function makeRememberedAnswers(
  secrets: Pick<Secrets, 'read' | 'save' | 'forget'>,
  passOn: PassOn,
  toWindow: (event: WindowEvent) => void,
): RememberedAnswers {
  /** Questions that are open, by their jobs. */
  const open = new Map<string, JobQuestion>();
  /** Questions that a remembered answer went to, by their jobs. */
  const answered = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  /** Whether the question was answered from memory. */
  const answerFromMemory = async (job: JobState, question: JobQuestion): Promise<boolean> => {
    const name = nameOf(question);
    if (name === null) return false;
    if (answered.get(job.id) === question.id) return true;
    if ('failedTries' in question && question.failedTries > 0) {
      await secrets.forget(name);
      return false;
    }
    const secret = await secrets.read(name);
    if (secret === null) return false;
    answered.set(job.id, question.id);
    const told = await passOn({ job: job.id, question: question.id, accept: true, answers: [secret] });
    return told.ok;
  };

  const handle = async (event: WindowEvent): Promise<void> => {
    if (event.kind !== 'job') {
      toWindow(event);
      return;
    }
    const { job } = event;
    const { question } = job;
    if (question === null) open.delete(job.id);
    else open.set(job.id, question);
    // A memory that cannot be read is as good as none.
    const isAnswered = question !== null && (await answerFromMemory(job, question).catch(() => false));
    toWindow(isAnswered ? { kind: 'job', job: { ...job, question: null } } : event);
  };

  return {
    hear(event) {
      last = last.then(() => handle(event));
    },
    async answer({ remember, ...answer }) {
      const question = open.get(answer.job);
      const [secret] = answer.answers ?? [];
      const name = question?.id === answer.question ? nameOf(question) : null;
      // Whether it was right shows later: a wrong one is forgotten at the next question.
      if (remember === true && answer.accept && name !== null && secret) await secrets.save(name, secret);
      return passOn(answer);
    },
  };
}

/** Under what an answer is kept; null: it is of one use, or no secret at all. */
function nameOf(question: JobQuestion): string | null {
  switch (question.kind) {
    case 'password':
      return `password ${question.board}`;
    case 'passphrase':
      return `passphrase ${question.file}`;
    default:
      return null;
  }
}
