import { serveEngine } from '../../electron/engine/serve.ts';
import { fakeEvaluate, fakeOptimize, fakePick, fakeReadInputs } from './fake-jobs.ts';

serveEngine({ optimize: fakeOptimize, evaluate: fakeEvaluate, pick: fakePick, readInputs: fakeReadInputs });
