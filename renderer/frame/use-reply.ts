import { useState } from 'react';
import { useAction } from '../client/calls.ts';

/** A yes or no to a question of a job. */
export interface Replying {
  /** True from the reply on, so that the question is gone at once; false again when it could not be sent. */
  readonly answered: boolean;
  readonly error: ReturnType<typeof useAction<'jobs.answer'>>['error'];
  reply(accept: boolean): void;
}

/** Replies to a question that wants a yes or a no. */
export function useReply(job: string, question: number): Replying {
  const answer = useAction('jobs.answer');
  const [answered, setAnswered] = useState(false);
  return {
    answered,
    error: answer.error,
    reply(accept) {
      setAnswered(true);
      answer.mutate({ job, question, accept }, { onError: () => setAnswered(false) });
    },
  };
}
