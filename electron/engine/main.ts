import type { Optimize } from './host.ts';
import type { JobTable } from './messages.ts';
import { serveEngine } from './serve.ts';

// Each job is loaded late, so that a quick one does not wait for what it does not need.
const jobs: JobTable = {
  optimize: async (job, host) => {
    const { optimize }: { readonly optimize: Optimize } = await import('./optimize.ts');
    return optimize(job, host);
  },
  pick: async (job, host) => (await import('./pick.ts')).pick(job, host),
  evaluate: async (job, host) => (await import('./evaluate.ts')).evaluate(job, host),
  inspectModel: async (job) => (await import('./inspect/model.ts')).inspectModel(job),
  inspectData: async (job, host) => (await import('./inspect/data.ts')).inspectData(job, host),
  readInputs: async (job) => (await import('./inspect/inputs.ts')).readInputs(job),
  inspectSamples: async (job) => (await import('./inspect/samples.ts')).inspectSamples(job),
  diffModels: async (job) => (await import('./inspect/diff.ts')).diffModels(job),
};

serveEngine(jobs);
