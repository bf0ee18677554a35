import { writeFileSync } from 'node:fs';
import { runResultJsonSchema } from '../../electron/contract/run-result.ts';

// Run after a change of electron/contract/run-result.ts; a test compares the two.
writeFileSync(new URL('../../docs/result.schema.json', import.meta.url), runResultJsonSchema());
