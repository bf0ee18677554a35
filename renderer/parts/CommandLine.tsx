import { ActionIcon, Code, CopyButton, Group } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { texts, useTexts } from '../language/language.ts';

const words = texts(
  'commandLine',
  { copy: 'Copy: {{command}}', copied: 'Copied' },
  { copy: 'コピー：{{command}}', copied: 'コピーしました' },
);

/** A command or key as it is to be typed elsewhere, with a button that copies it. */
export function CommandLine({ command }: { readonly command: string }): ReactNode {
  const say = useTexts(words);
  return (
    <Group gap={6} wrap="nowrap" align="center">
      <Code fz="sm" px={8} py={4} style={{ overflowWrap: 'anywhere' }}>
        {command}
      </Code>
      <CopyButton value={command}>
        {({ copied, copy }) => (
          <ActionIcon variant="default" size="md" aria-label={say('copy', { command })} onClick={copy}>
            {copied ? <IconCheck size={15} aria-hidden="true" /> : <IconCopy size={15} aria-hidden="true" />}
            <span role="status" className="ft-visually-hidden">
              {copied ? say('copied') : ''}
            </span>
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
