import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded before a program: at each SIGUSR2 it says on stderr how long its event loop was held up at most since the last. */
const resolutionMs = 5;
const delays = monitorEventLoopDelay({ resolution: resolutionMs });
delays.enable();
process.on('SIGUSR2', () => {
  process.stderr.write(`longest wait ${(delays.max / 1e6 - resolutionMs).toFixed(0)} ms\n`);
  delays.reset();
});
