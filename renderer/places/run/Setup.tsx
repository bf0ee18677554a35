import { Anchor, Button, Card, Collapse, Group, Text, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconPlayerPlay } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAction } from '../../client/calls.ts';
import { useJobStore } from '../../client/jobs.ts';
import { useCommands } from '../../frame/commands.ts';
import { linkTo } from '../../frame/places.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { boardsTexts } from '../../parts/boards/words.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { InlineChoice } from './InlineChoice.tsx';
import { MoreSettings } from './MoreSettings.tsx';
import { RunNumberInput } from './RunNumberInput.tsx';
import { type Missing, numberLimits, type Offers, useRunChoice } from './run-choice.ts';
import { Sentence } from './Sentence.tsx';
import { runTexts } from './words.ts';

/** One sentence and one button: what the next run does, every value of it editable where it stands. */
export function Setup({ offers }: { readonly offers: Offers }): ReactNode {
  const say = useTexts(runTexts);
  const sayOfBoards = useTexts(boardsTexts);
  const [, navigate] = useLocation();
  const jobs = useJobStore();
  const { choice, edit, useDefaults, keepChoice, selectBoard, selectOtherBoards, selectModel, selectData } =
    useRunChoice(offers);
  const [opened, setOpened] = useState(false);
  const start = useAction('runs.start', (job) => {
    keepChoice();
    jobs.put(job);
    navigate(linkTo('run'));
  });
  const { call, numbers } = choice;
  const canStart = call !== null && !start.isPending;
  const perform = (): void => {
    if (canStart) start.mutate(call);
  };
  useHotkeys([['mod+Enter', perform]], []);
  useCommands(
    // biome-ignore lint/correctness/useExhaustiveDependencies: `perform` is made anew by every render; what it does depends on these
    useMemo(
      () => (canStart ? [{ id: 'run.start', title: say('start'), shortcut: 'Ctrl+Enter', perform }] : []),
      [canStart, call, say],
    ),
  );
  const shownAs = (
    chosen: { readonly path: string; readonly name: string } | null,
    among: readonly { readonly path: string; readonly isSample: boolean }[],
  ): { readonly value: string; readonly label: string } | null => {
    if (!chosen) return null;
    const isSample = among.some(({ path, isSample }) => isSample && path === chosen.path);
    return {
      value: chosen.path,
      label: isSample ? say('sampleNamed', { name: chosen.name }) : chosen.name,
    };
  };
  const models = { label: say('otherModels'), href: linkTo('models') };
  return (
    <Card withBorder component="section" aria-label={say('setup')}>
      <div className="ft-run-sentence">
        <Sentence
          text={say('sentence')}
          parts={{
            model: (
              <InlineChoice
                label={say('model')}
                placeholder={say('chooseModel')}
                value={shownAs(choice.model, offers.models)}
                options={offers.models.map(({ path, name, sha256, isSample }) => ({
                  value: path,
                  label: isSample ? say('sampleNamed', { name }) : name,
                  detail: isSample ? '' : sha256.slice(0, 8),
                }))}
                onChoose={selectModel}
                more={models}
              />
            ),
            board: (
              <InlineChoice
                label={say('board')}
                placeholder={say('chooseBoard')}
                value={choice.board && { value: choice.board.address, label: choice.board.name }}
                options={offers.boards.map(({ address, name }) => ({
                  value: address,
                  label: name,
                  detail: address.replace('ssh://', ''),
                }))}
                onChoose={selectBoard}
                more={{ label: say('otherBoards'), href: linkTo('boards') }}
              />
            ),
            data: (
              <InlineChoice
                label={say('data')}
                placeholder={say('chooseData')}
                value={shownAs(choice.data, offers.data)}
                options={offers.data.map(({ path, name, isSample }) => ({
                  value: path,
                  label: isSample ? say('sampleNamed', { name }) : name,
                  detail: isSample ? '' : path,
                }))}
                onChoose={selectData}
                more={models}
              />
            ),
            limit: (
              <RunNumberInput
                name="maxAccuracyDrop"
                value={numbers.maxAccuracyDrop}
                onChange={(maxAccuracyDrop) => edit({ maxAccuracyDrop })}
                aria-label={say('limit')}
                decimals={2}
                step={0.1}
                size="sm"
                w={76}
                className="ft-run-number"
              />
            ),
            budget: (
              <RunNumberInput
                name="budgetSeconds"
                value={numbers.budgetSeconds}
                onChange={(budgetSeconds) => edit({ budgetSeconds })}
                aria-label={say('budget')}
                scale={60}
                decimals={2}
                step={5}
                size="sm"
                w={76}
                className="ft-run-number"
              />
            ),
          }}
        />
      </div>
      <Group mt="sm" gap="md">
        <Button
          size="md"
          leftSection={<IconPlayerPlay size={18} aria-hidden="true" />}
          disabled={call === null}
          loading={start.isPending}
          onClick={perform}
          aria-keyshortcuts="Control+Enter"
          {...(call === null && { 'aria-describedby': 'run-missing' })}
        >
          {say('start')}
        </Button>
        <MissingLine missing={choice.missing} />
        <Group gap="xs" ml="auto">
          {choice.changed && (
            <Button size="compact-sm" variant="subtle" onClick={useDefaults}>
              {say('useDefaults')}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={opened}
            aria-controls="run-more"
            onClick={() => setOpened(!opened)}
          >
            {opened ? say('less') : say('more')}
          </Button>
        </Group>
      </Group>
      {choice.otherBoards.length > 0 && (
        <Text fz="sm" mt="xs" role="status">
          {sayOfBoards('alsoOn', {
            boards: choice.otherBoards.map(({ name }) => foreignText(name)).join(', '),
          })}
        </Text>
      )}
      {choice.presetSample && (
        <Preset text={say('usingSample')} link={say('toModels')} href={linkTo('models')} />
      )}
      {choice.presetBoard && (
        <Preset text={say('usingOnlyBoard')} link={say('toBoards')} href={linkTo('boards')} />
      )}
      <Collapse expanded={opened} id="run-more">
        <MoreSettings
          numbers={numbers}
          cores={
            offers.boards.find(({ address }) => address === choice.board?.address)?.identity?.cores ?? null
          }
          onEdit={edit}
          further={offers.boards.filter(({ address }) => address !== choice.board?.address)}
          chosen={choice.otherBoards.map(({ address }) => address)}
          onFurther={selectOtherBoards}
        />
      </Collapse>
      {start.error && (
        <div style={{ marginTop: 'var(--mantine-spacing-sm)' }}>
          <ErrorPanel error={start.error.error} onRetry={perform} />
        </div>
      )}
    </Card>
  );
}

/** Says that something was chosen for the person, and where to choose otherwise. */
function Preset({
  text,
  link,
  href,
}: {
  readonly text: string;
  readonly link: string;
  readonly href: string;
}) {
  return (
    <Text fz="sm" c="dimmed" mt="xs">
      {text}{' '}
      <Anchor component={Link} href={href} fz="sm" underline="always">
        {link}
      </Anchor>
    </Text>
  );
}

const places = { board: 'boards', model: 'models', data: 'models' } as const;
const asked = { board: 'needBoard', model: 'needModel', data: 'needData' } as const;

/** What keeps the button from working, with the way to each. */
function MissingLine({ missing }: { readonly missing: readonly Missing[] }) {
  const say = useTexts(runTexts);
  if (missing.length === 0) return null;
  return (
    <Text fz="sm" id="run-missing" role="status">
      {say('needs')}{' '}
      {missing.map((what, i) => {
        const separator = i === 0 ? '' : ' · ';
        if (what === 'board' || what === 'model' || what === 'data')
          return (
            <span key={what}>
              {separator}
              <Anchor component={Link} href={linkTo(places[what])} fz="sm" fw={600} underline="always">
                {say(asked[what])}
              </Anchor>
            </span>
          );
        const [from, to] = numberLimits[what];
        const scale = what === 'budgetSeconds' ? 60 : 1;
        const field = say(what === 'maxAccuracyDrop' ? 'limit' : what === 'budgetSeconds' ? 'budget' : what);
        return (
          <span key={what}>
            {separator}
            {say('needNumber', { field, from: Number((from / scale).toFixed(2)), to: to / scale })}
          </span>
        );
      })}
    </Text>
  );
}

/** The title of the place. */
export function RunTitle({ children }: { readonly children?: ReactNode }): ReactNode {
  const say = useTexts(runTexts);
  return (
    <Group justify="space-between" mih={36}>
      <Title order={1}>{say('title')}</Title>
      {children}
    </Group>
  );
}
