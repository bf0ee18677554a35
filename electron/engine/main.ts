import { evaluate } from './evaluate.ts';
import type { Optimize } from './host.ts';
import { serveEngine } from './serve.ts';

serveEngine({
  optimize: async (job, host) => {
    // Loaded late, so that an evaluation does not wait for the search.
    const { optimize }: { readonly optimize: Optimize } = await import('./optimize.ts');
    return optimize(job, host);
  },
  evaluate,
});
