import { serveEngine } from '../../electron/engine/serve.ts';
import { fakeEvaluate, fakeOptimize } from './fake-jobs.ts';

serveEngine({ optimize: fakeOptimize, evaluate: fakeEvaluate });
