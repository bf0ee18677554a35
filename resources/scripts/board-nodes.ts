/**
 * Fetches, for a checkout, the Node of the boards that npm does not install on this computer; a package of the app
 * brings it along. usage: npm run board-nodes
 */
import { fetchedNodesFolder } from '../../electron/board/install/runner-files.ts';
import { collectNode } from './package-parts.ts';

for (const name of ['linux-x64', 'linux-arm64']) {
  if (name === `${process.platform}-${process.arch}`) continue;
  await collectNode(fetchedNodesFolder, name);
  process.stdout.write(`${name}: ${fetchedNodesFolder}\n`);
}
