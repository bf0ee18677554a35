import { serveEngine } from '../../electron/engine/serve.ts';
import { fakeEvaluate, fakeOptimize, fakePick } from './fake-jobs.ts';

serveEngine({ optimize: fakeOptimize, evaluate: fakeEvaluate, pick: fakePick });
