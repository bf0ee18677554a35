import { rmSync } from 'node:fs';
import { type KillOutcome, killOnce, killScene } from '../faults/deploy-kills.ts';

/** Deployments on one path before it starts again as a plain file. */
const perScene = 10;

/** `npm run bench -- kills [COUNT]`: kills at random moments of a deployment, alternating between app and shell. */
export async function kills([count = '100']: readonly string[]): Promise<void> {
  const wanted = Number(count);
  const outcomes: KillOutcome[] = [];
  let spanMs = 0;
  let missed = 0;
  let scene = killScene();
  for (let at = 0; outcomes.length < wanted; at++) {
    if (at % perScene === 0) {
      rmSync(scene.folder, { recursive: true, force: true });
      scene = killScene();
      // How long one takes now, with what else the machine has to do.
      spanMs = 1.1 * (await killOnce(scene, 'app', 3_600_000)).tookMs;
    }
    const victim = outcomes.length % 2 === 0 ? 'app' : 'shell';
    const outcome = await killOnce(scene, victim, Math.random() * spanMs);
    for (const wrong of outcome.wrong)
      console.log(`wrong: ${wrong} (${victim}, ${outcome.delayMs.toFixed(0)} ms)`);
    // What was over before its kill is no kill.
    if (outcome.hit) outcomes.push(outcome);
    else missed++;
    if (outcome.hit && outcomes.length % 10 === 0) console.log(`${outcomes.length} kills`);
  }
  rmSync(scene.folder, { recursive: true, force: true });
  const of = (victim: string): KillOutcome[] => outcomes.filter((outcome) => outcome.victim === victim);
  for (const victim of ['app', 'shell']) {
    const some = of(victim);
    const delays = some.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
    console.log(
      [
        `${victim}: ${some.length} kills`,
        `${delays[0]?.toFixed(0)} to ${delays.at(-1)?.toFixed(0)} ms after the start`,
        `old active ${some.filter(({ active }) => active === 'old').length}, new ${some.filter(({ active }) => active === 'new').length}`,
        `something said ${some.filter(({ said }) => said.length > 0).length}`,
        `wrong ${some.filter(({ wrong }) => wrong.length > 0).length}`,
      ].join(' | '),
    );
  }
  console.log(`${missed} deployments were over before their kill and do not count`);
}
