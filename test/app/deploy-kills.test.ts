import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type KillOutcome, killOnce, killScene } from '../faults/deploy-kills.ts';

/** Every step of it is hit in `deploy-steps.test.ts`, hundreds of moments in `test/bench/`. */
const kills = 6;

test(`${kills} kills with -9 of the app or the board's shell leave A or B active with its manifest, and the next start says what happened (faults 32 and 33)`, async () => {
  const scene = killScene();
  try {
    const outcomes: KillOutcome[] = [];
    // One that is not hit tells how long a deployment takes here and now.
    let spanMs = (await killOnce(scene, 'app', 3_600_000)).tookMs;
    expect(spanMs).toBeGreaterThan(0);
    for (let kill = 0; kill < kills; kill++) {
      const outcome = await killOnce(
        scene,
        kill % 2 === 0 ? 'app' : 'shell',
        ((kill + 0.5) / kills) * spanMs,
      );
      if (!outcome.hit) spanMs = outcome.tookMs;
      outcomes.push(outcome);
    }
    expect(outcomes.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(outcomes.filter(({ hit }) => hit).length).toBeGreaterThan(kills / 2);
    expect(outcomes.flatMap(({ said }) => said)).toContain('deploymentInterrupted');
  } finally {
    rmSync(scene.folder, { recursive: true, force: true });
  }
}, 300_000);
