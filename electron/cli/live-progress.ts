import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import type { StageName } from '../contract/api.ts';
import { advanceText, eventLine, finishedLine, type Progress, stageTitles } from './progress.ts';

type Task = ListrTaskWrapper<undefined, typeof DefaultRenderer, typeof SimpleRenderer>;

/** One stage on the screen; its list lives from the stage's start to its end. */
interface LiveStage {
  readonly stage: StageName;
  title: string;
  task: Task | null;
  readonly finished: PromiseWithResolvers<void>;
}

/** Progress on a terminal: the stage at work moves, the finished ones stay above it. */
export function createLiveProgress(write: (text: string) => void): Progress {
  let current: LiveStage | null = null;
  let shown: Promise<unknown> = Promise.resolve();
  const waiting: string[] = [];

  /** Prints what came while a list held the screen. */
  const flush = (): void => {
    for (const line of waiting.splice(0)) write(`${line}\n`);
  };

  const setTitle = (live: LiveStage, title: string): void => {
    live.title = title;
    if (live.task !== null) live.task.title = title;
  };

  const start = (stage: StageName, title: string): void => {
    const live: LiveStage = { stage, title, task: null, finished: Promise.withResolvers() };
    // A list that has not been shown yet may fail already; the list itself shows that.
    live.finished.promise.catch(() => undefined);
    current = live;
    shown = shown.then(async () => {
      flush();
      const list = new Listr<undefined, 'default', 'simple'>(
        [
          {
            title: live.title,
            task: (_context, task) => {
              live.task = task;
              task.title = live.title;
              return live.finished.promise;
            },
          },
        ],
        {
          exitOnError: false,
          registerSignalListeners: false,
          rendererOptions: { showErrorMessage: false, collapseErrors: false },
        },
      );
      await list.run();
      flush();
    });
  };

  const finish = (title: string | null, failed: boolean): void => {
    if (current === null) return;
    if (title !== null) setTitle(current, title);
    if (failed) current.finished.reject(new Error(current.title));
    else current.finished.resolve();
    current = null;
  };

  const say = (line: string): void => {
    waiting.push(line);
    // Written after the list that holds the screen, if there is one.
    if (current === null) shown = shown.then(flush);
    else if (current.task !== null) current.task.output = line;
  };

  return {
    say,
    show: (event) => {
      switch (event.kind) {
        case 'stageStarted':
          finish(null, false);
          start(event.stage, stageTitles[event.stage]);
          return;
        case 'progress':
          if (current?.stage === event.stage)
            setTitle(current, `${stageTitles[event.stage]} ${advanceText(event)}`);
          return;
        case 'stageFinished':
          if (current?.stage === event.stage) finish(finishedLine(event), false);
          return;
        default: {
          const line = eventLine(event);
          if (line !== null) say(line);
        }
      }
    },
    pauseFor: async (ask) => {
      const stage = current?.stage;
      finish(stage === undefined ? null : `${stageTitles[stage]}: a question first`, false);
      await shown;
      try {
        return await ask();
      } finally {
        if (stage !== undefined) start(stage, stageTitles[stage]);
      }
    },
    close: async (succeeded) => {
      finish(null, !succeeded);
      await shown;
      flush();
    },
  };
}
