import { createApp } from '../../electron/app/app.ts';
import { deployCall, person, quickParts, type Scene } from '../board/deployment/deployment-setup.ts';

// An app in a process of its own that makes one deployment, to be killed while it does.
// usage: node deploying-program.ts <scene as JSON> <model file>

const [sceneText = '', modelPath = ''] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const scene = JSON.parse(sceneText) as Scene; // by `killOnce`
const app = await createApp({ stateFolder: scene.state, cwd: scene.folder, ...quickParts(scene) });
if (!app.ok) throw new Error(JSON.stringify(app.error));
say({ kind: 'begin' });
const done = await app.value.deploy(
  deployCall(scene, {
    source: { kind: 'model', modelPath },
    restart: 'true',
    health: 'true',
  }),
  person(),
);
say({ kind: 'end', error: done.ok ? null : done.error.kind });
await app.value.close();
