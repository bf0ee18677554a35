import {
  Badge,
  Button,
  Collapse,
  FileButton,
  Group,
  Menu,
  NavLink,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconChevronDown, IconDatabase, IconFileTypography, IconTopologyStar3 } from '@tabler/icons-react';
import { type ComponentProps, type ReactNode, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { DataCard, ModelCard } from '../../../../electron/contract/views.ts';
import { useCall } from '../../../client/calls.ts';
import { useSelection } from '../../../client/selection.ts';
import { useCommands } from '../../../frame/commands.ts';
import { linkTo } from '../../../frame/places.ts';
import { useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { Fetched } from '../../../parts/States.tsx';
import { dataLink } from '../links.ts';
import { modelTexts } from '../words.ts';
import { IncomingPanel } from './IncomingPanel.tsx';
import { inputFiles, sortFiles } from './picked-files.ts';
import type { Incoming } from './use-incoming.ts';

/** What is on the page now, so that the lists can mark it. */
export interface Shown {
  readonly kind: 'model' | 'data';
  readonly path: string | null;
}

/** The models and data that are known, and the ways to open others. */
export function Sources({
  incoming,
  shown,
}: {
  readonly incoming: Incoming;
  readonly shown: Shown;
}): ReactNode {
  const say = useTexts(modelTexts);
  const models = useCall('models.list', {});
  const data = useCall('data.list', {});
  return (
    <Stack gap="md" component="aside" aria-label={say('title')}>
      <Openers incoming={incoming} />
      <IncomingPanel incoming={incoming} />
      <Known title={say('models')} query={models}>
        {(card) => (
          <ModelItem
            key={card.sha256}
            card={card}
            isActive={shown.kind === 'model' && shown.path === card.path}
          />
        )}
      </Known>
      <Known title={say('data')} query={data}>
        {(card) => (
          <DataItem
            key={card.path}
            card={card}
            isActive={shown.kind === 'data' && shown.path === card.path}
          />
        )}
      </Known>
    </Stack>
  );
}

/** One list of what is known, the sample first. */
function Known<T extends { readonly isSample: boolean }>({
  title,
  query,
  children,
}: {
  readonly title: string;
  readonly query: ComponentProps<typeof Fetched<readonly T[]>>['query'];
  readonly children: (card: T) => ReactNode;
}) {
  return (
    <nav aria-label={title}>
      <Title order={2} fz="sm" mb={4}>
        {title}
      </Title>
      <Fetched query={query}>
        {(cards) => <div className="ft-source-list">{sampleFirst(cards).map(children)}</div>}
      </Fetched>
    </nav>
  );
}

function sampleFirst<T extends { readonly isSample: boolean }>(cards: readonly T[]): readonly T[] {
  return [...cards.filter(({ isSample }) => isSample), ...cards.filter(({ isSample }) => !isSample)];
}

function Label({ name, isSample }: { readonly name: string; readonly isSample: boolean }) {
  const say = useTexts(modelTexts);
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs">
      <Text fz="sm" truncate title={name}>
        {name}
      </Text>
      {isSample && (
        <Badge size="xs" variant="outline" tt="none" style={{ flexShrink: 0 }}>
          {say('sample')}
        </Badge>
      )}
    </Group>
  );
}

function ModelItem({ card, isActive }: { readonly card: ModelCard; readonly isActive: boolean }) {
  const { bytes } = useQuantities();
  return (
    <NavLink
      component={Link}
      href={linkTo('models', card.sha256)}
      active={isActive}
      aria-current={isActive ? 'page' : undefined}
      label={<Label name={card.name} isSample={card.isSample} />}
      description={`${card.sha256.slice(0, 8)} · ${bytes(card.sizeBytes)}`}
      title={card.path}
      leftSection={<IconTopologyStar3 size={16} aria-hidden="true" />}
      py={5}
    />
  );
}

function DataItem({ card, isActive }: { readonly card: DataCard; readonly isActive: boolean }) {
  const { select } = useSelection();
  return (
    <NavLink
      component={Link}
      href={dataLink}
      onClick={() => select({ data: { path: card.path, name: card.name } })}
      active={isActive}
      aria-current={isActive ? 'page' : undefined}
      label={<Label name={card.name} isSample={card.isSample} />}
      description={card.isSample ? undefined : card.path}
      title={card.path}
      styles={{ description: { whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' } }}
      leftSection={<IconDatabase size={16} aria-hidden="true" />}
      py={5}
    />
  );
}

/** Buttons that open a model or data: a dialog of the system where there is one, else a file input and an upload. */
function Openers({ incoming }: { readonly incoming: Incoming }) {
  const say = useTexts(modelTexts);
  const canChoose = useCall('app.info', {}).data?.canChooseFiles ?? false;
  const isBusy = incoming.coming !== null;
  const modelInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);
  const { choose, take } = incoming;
  const ways = useMemo(
    () => ({
      model: () => (canChoose ? choose('model') : modelInput.current?.click()),
      folder: () => (canChoose ? choose('data') : folderInput.current?.click()),
      file: () => fileInput.current?.click(),
    }),
    [canChoose, choose],
  );
  useCommands(
    useMemo(
      () => [
        { id: 'models.open', title: say('openModel'), perform: ways.model },
        { id: 'data.open', title: say('openData'), perform: ways.folder },
      ],
      [say, ways],
    ),
  );
  const input = (
    what: 'model' | 'data',
    ref: React.RefObject<HTMLInputElement | null>,
    properties: object,
  ) => (
    <FileButton
      ref={ref}
      multiple
      onChange={(files) => {
        const picked = inputFiles(files);
        if (picked.length === 0) return;
        take(what === 'model' ? { model: picked.slice(0, 1), data: [] } : sortedAsData(picked));
      }}
      inputProps={{ 'aria-label': say(what === 'model' ? 'openModel' : 'openData'), ...properties }}
    >
      {() => null}
    </FileButton>
  );
  return (
    <Stack gap={6}>
      <Button
        variant="default"
        justify="flex-start"
        leftSection={<IconTopologyStar3 size={16} aria-hidden="true" />}
        disabled={isBusy}
        onClick={ways.model}
      >
        {say('openModel')}
      </Button>
      <Menu position="bottom-start" width="target">
        <Menu.Target>
          <Button
            variant="default"
            justify="flex-start"
            leftSection={<IconDatabase size={16} aria-hidden="true" />}
            rightSection={<IconChevronDown size={14} aria-hidden="true" />}
            disabled={isBusy}
          >
            {say('openData')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={ways.folder}>{say('dataFolder')}</Menu.Item>
          <Menu.Item onClick={ways.file}>{say('dataFile')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {input('model', modelInput, { accept: '.onnx', multiple: false })}
      {input('data', folderInput, { webkitdirectory: '' })}
      {input('data', fileInput, { accept: '.npz' })}
      <TypedPath incoming={incoming} />
    </Stack>
  );
}

/** Files that a person called data are data, whatever their names. */
const sortedAsData = (files: ReturnType<typeof inputFiles>): ReturnType<typeof sortFiles> => {
  const { model, data } = sortFiles(files);
  return { model: [], data: [...model, ...data] };
};

function TypedPath({ incoming }: { readonly incoming: Incoming }) {
  const say = useTexts(modelTexts);
  const [isOpen, setOpen] = useState(false);
  const [path, setPath] = useState('');
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        justify="flex-start"
        aria-expanded={isOpen}
        rightSection={
          <IconChevronDown
            size={14}
            aria-hidden="true"
            style={{ transform: isOpen ? 'rotate(180deg)' : 'none' }}
          />
        }
        onClick={() => setOpen(!isOpen)}
      >
        {say('more')}
      </Button>
      <Collapse expanded={isOpen}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (path.trim() !== '') incoming.openPath(path);
          }}
        >
          <TextInput
            size="xs"
            label={say('path')}
            value={path}
            onChange={({ currentTarget }) => setPath(currentTarget.value)}
            leftSection={<IconFileTypography size={14} aria-hidden="true" />}
          />
          <Text fz="xs" c="dimmed" my={4}>
            {say('pathHint')}
          </Text>
          <Button type="submit" size="xs" variant="default" disabled={path.trim() === ''}>
            {say('open')}
          </Button>
        </form>
      </Collapse>
    </>
  );
}
