import type { Changed } from '../contract/calls.ts';
import type { Result } from '../contract/result.ts';
import type { Store } from '../store/open-store.ts';

/** The same store, which tells of every write that changes a list. */
export function watchStore(store: Store, tell: (what: Changed) => void): Store {
  const telling =
    <A extends readonly unknown[], R extends Result<unknown, unknown>>(
      what: Changed,
      write: (...args: A) => R,
    ) =>
    (...args: A): R => {
      const result = write(...args);
      if (result.ok) tell(what);
      return result;
    };
  const {
    boards,
    models,
    runs,
    runDetails,
    runRemoval,
    deployments,
    profiles,
    recentData,
    settings,
    trials,
  } = store;
  return {
    ...store,
    boards: {
      ...boards,
      save: telling('boards', boards.save),
      remember: telling('boards', boards.remember),
      forget: telling('boards', boards.forget),
    },
    models: {
      ...models,
      save: telling('models', models.save),
      saveMade: telling('models', models.saveMade),
    },
    runs: {
      ...runs,
      create: telling('runs', runs.create),
      claim: telling('runs', runs.claim),
      setBoard: telling('runs', runs.setBoard),
      setState: telling('runs', runs.setState),
    },
    runDetails: { ...runDetails, save: telling('runs', runDetails.save) },
    runRemoval: {
      ...runRemoval,
      remove: telling('runs', runRemoval.remove),
      restore: telling('runs', runRemoval.restore),
      clean: async () => {
        const cleaned = await runRemoval.clean();
        // What was removed before a failure is gone all the same.
        tell('runs');
        return cleaned;
      },
    },
    deployments: {
      ...deployments,
      begin: telling('deployments', deployments.begin),
      reach: telling('deployments', deployments.reach),
      end: telling('deployments', deployments.end),
    },
    profiles: { ...profiles, save: telling('models', profiles.save) },
    recentData: { ...recentData, use: telling('data', recentData.use) },
    trials: {
      ...trials,
      save: telling('trials', trials.save),
      decide: telling('trials', trials.decide),
    },
    settings: { ...settings, save: telling('settings', settings.save) },
  };
}
