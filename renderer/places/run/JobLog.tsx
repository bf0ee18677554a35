import { Button, Card, Group, Text, Title } from '@mantine/core';
import { memo, type ReactNode, useMemo, useState } from 'react';
import type { LogLine } from '../../../electron/contract/views.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { useRunWords } from '../../language/run-notes.ts';
import { runTexts } from './words.ts';

const shownAtFirst = 80;

/** What the job said, the newest first. */
export const JobLog = memo(function JobLog({ lines }: { readonly lines: readonly LogLine[] }): ReactNode {
  const say = useTexts(runTexts);
  const language = useLanguage();
  const time = useMemo(
    () => new Intl.DateTimeFormat(language, { timeStyle: 'medium', hour12: false }),
    [language],
  );
  const words = useRunWords();
  const [all, setAll] = useState(false);
  const newest = useMemo(() => (all ? lines : lines.slice(-shownAtFirst)).toReversed(), [lines, all]);
  return (
    <Card withBorder p="sm" h="100%">
      <Group justify="space-between" mb={4}>
        <Title order={2} fz="sm">
          {say('log')}
        </Title>
        {lines.length > shownAtFirst && (
          <Button size="compact-xs" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? say('showNewest', { count: shownAtFirst }) : say('showAll', { count: lines.length })}
          </Button>
        )}
      </Group>
      {lines.length === 0 && (
        <Text c="dimmed" fz="sm">
          {say('logEmpty')}
        </Text>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section className="ft-scroll" aria-label={say('log')} tabIndex={0} style={{ maxHeight: 300 }}>
        <ol className="ft-log">
          {newest.map(({ at, level, entry }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same in all they hold
            <li key={lines.length - i}>
              <Text span inherit c="dimmed" className="ft-number">
                {time.format(new Date(at))}
              </Text>
              <span>
                {level === 'warning' && (
                  <Text span inherit fw={650} c="var(--ft-open)">
                    {say('warning')}
                  </Text>
                )}
                {words.log(entry)}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </Card>
  );
});
