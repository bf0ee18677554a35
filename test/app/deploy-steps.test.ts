import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Change, planChange } from '../../electron/app/deploy-switch.ts';
import {
  abandonSteps,
  activationSteps,
  journalSteps,
  reserveSteps,
  settleSteps,
  unmanageSteps,
  withdrawSteps,
} from '../../electron/board/deployment/activation.ts';
import { inspectPath, type PathFacts } from '../../electron/board/deployment/inspect.ts';
import { placeOf } from '../../electron/board/deployment/layout.ts';
import { type Held, heldPrelude, type LockOwner, takeLock } from '../../electron/board/deployment/lock.ts';
import { cutOffOf, recover } from '../../electron/board/deployment/recovery.ts';
import { makeLocalShell } from '../../electron/board/local-shell.ts';
import {
  activeOf,
  makeScene,
  manifestOf,
  type Scene,
  sha256Of,
} from '../board/deployment/deployment-setup.ts';
import { unwrap } from './app-setup.ts';

const shell = makeLocalShell();
const commands = { restart: null, health: null, healthTimeoutSeconds: 5 };
const at = new Date('2026-11-25T04:42:10.000Z');

const ownerOf = (token: string): LockOwner => ({
  token,
  computer: 'c',
  host: 'laptop',
  pid: 1,
  started: null,
  user: 'kim',
  bootId: '',
  at: at.toISOString(),
});

const look = async (scene: Scene): Promise<PathFacts> =>
  unwrap(await inspectPath(shell, unwrap(placeOf(scene.path)), { hashReleases: true }));

/** Takes the lock, from whoever has it: every owner of these tests is dead. */
async function hold(scene: Scene, token: string, seen?: PathFacts): Promise<Held> {
  const options = { breakLock: false, isDead: () => true };
  const facts = seen ?? (await look(scene));
  return unwrap(await takeLock(shell, unwrap(placeOf(scene.path)), ownerOf(token), facts, options));
}

/** Runs the first steps and kills the script's own shell after them. */
async function cutAfter(held: Held, steps: readonly string[], count: number): Promise<void> {
  const script = [heldPrelude(held), ...steps.slice(0, count), 'kill -9 $$'].join('\n');
  expect(unwrap(await shell.run(script)).signal).toBe('SIGKILL');
}

async function runAll(held: Held, steps: readonly string[]): Promise<void> {
  const ran = unwrap(await shell.run([heldPrelude(held), ...steps].join('\n')));
  expect(ran).toMatchObject({ code: 0, complaints: '' });
}

/** Puts bytes where an upload would have left them. */
const incoming = (scene: Scene, bytes: Uint8Array, as = bytes): void =>
  writeFileSync(join(scene.home, 'incoming', `${sha256Of(as)}.onnx`), bytes);

function changeTo(held: Held, facts: PathFacts, bytes: Uint8Array, source: Change['source']) {
  const wanted = { sha256: sha256Of(bytes), sizeBytes: bytes.length, run: null, source };
  return planChange(held, facts, source === 'incoming' ? 'deploy' : 'rollback', wanted, commands, at);
}

const stepsOf = (held: Held, { change, journal }: ReturnType<typeof planChange>): readonly string[] => {
  const { before, manifest, source, as } = change;
  const target = manifest.active.release;
  return [
    ...journalSteps(journal),
    ...reserveSteps(),
    ...activationSteps(held, { before, target, manifest, source, as }),
    ...settleSteps([]),
  ];
};

/** A path with A as a plain file. */
function plainScene(): Scene {
  const scene = makeScene('model.onnx');
  writeFileSync(scene.path, scene.a);
  return scene;
}

/** A scene like another, which stays as it is. */
function copyOf(made: Scene): Scene {
  const scene = makeScene();
  // The link is relative, so it leads into the copy.
  cpSync(dirname(made.path), dirname(scene.path), { recursive: true, verbatimSymlinks: true });
  return scene;
}

/** A path that is managed: B active, A before it. */
async function makeManaged(): Promise<Scene> {
  const scene = makeScene('model.onnx', true);
  writeFileSync(scene.path, scene.a);
  const held = await hold(scene, 'token-setup');
  incoming(scene, scene.b);
  await runAll(held, stepsOf(held, changeTo(held, await look(scene), scene.b, 'incoming')));
  expect(activeOf(scene)).toBe(sha256Of(scene.b));
  return scene;
}

let managed: Scene;
beforeAll(async () => {
  managed = await makeManaged();
});
afterAll(() => rmSync(managed.folder, { recursive: true, force: true }));
const managedScene = (): Scene => copyOf(managed);

interface Case {
  readonly scene: () => Scene | Promise<Scene>;
  /** The model to be replaced and the one to come, by their letters; null: nothing. */
  readonly from: 'a' | 'b' | null;
  readonly to: 'a' | 'b' | 'c' | null;
  readonly steps: (scene: Scene, held: Held) => Promise<readonly string[]>;
}

const cases: Readonly<Record<string, Case>> = {
  'a first deployment over a plain file': {
    scene: plainScene,
    from: 'a',
    to: 'b',
    steps: async (scene, held) => {
      incoming(scene, scene.b);
      return stepsOf(held, changeTo(held, await look(scene), scene.b, 'incoming'));
    },
  },
  'a deployment where nothing was': {
    scene: () => makeScene(),
    from: null,
    to: 'b',
    steps: async (scene, held) => {
      incoming(scene, scene.b);
      return stepsOf(held, changeTo(held, await look(scene), scene.b, 'incoming'));
    },
  },
  'a deployment over a managed model': {
    scene: managedScene,
    from: 'b',
    to: 'c',
    steps: async (scene, held) => {
      incoming(scene, scene.c);
      return stepsOf(held, changeTo(held, await look(scene), scene.c, 'incoming'));
    },
  },
  'a rollback': {
    scene: managedScene,
    from: 'b',
    to: 'a',
    steps: async (scene, held) => stepsOf(held, changeTo(held, await look(scene), scene.a, { release: 1 })),
  },
  'giving the plain file back': {
    scene: managedScene,
    from: 'b',
    to: 'b',
    steps: async (scene, held) => {
      const { journal } = changeTo(held, await look(scene), scene.b, { release: 2 });
      const noted: typeof journal = { ...journal, action: 'unmanage', releases: [], target: null };
      return [...journalSteps(noted), ...unmanageSteps(held, 2, sha256Of(scene.b))];
    },
  },
  'giving up before the switch': {
    scene: managedScene,
    from: 'b',
    to: 'b',
    steps: async (scene, held) => {
      incoming(scene, scene.c);
      const { journal } = changeTo(held, await look(scene), scene.c, 'incoming');
      return [...journalSteps(journal), ...abandonSteps(held, [3])];
    },
  },
  'taking a model away where nothing was': {
    scene: managedScene,
    from: 'b',
    to: null,
    steps: async (_, held) => withdrawSteps(held, 2),
  },
};

describe.each(Object.entries(cases))('%s, killed with -9 after each of its steps (fault 32)', (_, one) => {
  test('leaves the old or the new model with the manifest of that model, and says what it had come to', async () => {
    let sawOld = false;
    let sawNew = false;
    const scene = await one.scene();
    const held = await hold(scene, 'at-work-here');
    const steps = await one.steps(scene, held);
    const service = dirname(scene.path);
    const asItWas = join(scene.folder, 'as-it-was');
    execFileSync('cp', ['-a', service, asItWas]);
    for (let count = 0; count <= steps.length; count++) {
      rmSync(service, { recursive: true });
      execFileSync('cp', ['-a', asItWas, service]);
      await cutAfter(held, steps, count);

      const hashOf = (letter: Case['to']): string | null =>
        letter === null ? null : sha256Of(scene[letter]);
      const active = activeOf(scene);
      expect([hashOf(one.from), hashOf(one.to)]).toContain(active);
      // Before anybody comes to the rescue.
      const manifest = manifestOf(scene);
      if (manifest) expect(manifest.active.sha256).toBe(active);
      sawOld ||= active === hashOf(one.from);
      sawNew ||= active === hashOf(one.to);

      const cut = await look(scene);
      const said = cutOffOf(cut);
      // Told whenever something had been noted and not been brought to its end.
      expect(said !== null).toBe(existsSync(join(scene.home, 'journal')));
      if (cut.hasHome) {
        const rescuer = await hold(scene, `rescue-${count}`, cut);
        unwrap(await recover(rescuer, cut));
      }
      expect(activeOf(scene)).toBe(active);
      const after = manifestOf(scene);
      if (after) expect(after.active.sha256).toBe(active);
      const isManaged = lstatSync(scene.path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
      const left = isManaged ? readdirSync(scene.home).sort() : readdirSync(dirname(scene.path));
      const name = active === null ? [] : ['model.onnx'];
      expect(left).toEqual(isManaged ? ['incoming', 'releases'] : name);
      const facts = await look(scene);
      expect({ lock: facts.lock, journal: facts.journal }).toEqual({ lock: null, journal: null });
      // No version is left that is not whole.
      for (const { manifest: kept, sha256 } of facts.releases) expect(kept?.active.sha256).toBe(sha256);
    }
    expect([sawOld, sawNew]).toEqual([true, true]);
  });
});

test.each([
  ['somebody puts another file there', 62, (scene: Scene) => writeFileSync(scene.path, scene.c)],
  ['the uploaded bytes are others', 63, (scene: Scene) => incoming(scene, scene.c, scene.b)],
  ['another takes over the lock', 61, () => undefined],
])('a switch is refused when %s at the last moment', async (_, code, spoil) => {
  const scene = plainScene();
  const held = await hold(scene, 'at-work-last');
  incoming(scene, scene.b);
  const steps = [...stepsOf(held, changeTo(held, await look(scene), scene.b, 'incoming'))];
  spoil(scene);
  const before = activeOf(scene);
  // The last question before the rename is asked again there.
  if (code === 61) steps.splice(steps.lastIndexOf('own'), 0, 'ln -s other "$S/l" && mv -f "$S/l" "$S/lock"');
  const ran = unwrap(await shell.run([heldPrelude(held), ...steps].join('\n')));
  expect(ran.code).toBe(code);
  expect(activeOf(scene)).toBe(before);
  expect(lstatSync(scene.path).isFile()).toBe(true);
});
