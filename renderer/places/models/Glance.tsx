import { Button, Card, Collapse, Group, List, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconHandStop } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { Link } from 'wouter';
import type { ModelDetail, TensorPort } from '../../../electron/contract/views.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { shapeText } from './graph/model-graph.ts';
import { modelTexts } from './words.ts';

/** What a model is, in the first second. */
export function Glance({ model }: { readonly model: ModelDetail }): ReactNode {
  const say = useTexts(modelTexts);
  const { bytes, large, count } = useQuantities();
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const { multiplyAdds } = model;
  return (
    <Card withBorder padding="sm" px="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="xs">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs" align="baseline">
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              {model.name}
            </Title>
            <Text c="dimmed" fz="sm" ff="monospace" title={model.sha256}>
              {model.sha256.slice(0, 8)}
            </Text>
            <Replaceable
              count={model.opaque.length}
              isOpen={isOpen}
              listId={listId}
              onOpen={() => setOpen(!isOpen)}
            />
          </Group>
          <Text c="dimmed" fz="xs" truncate title={model.path}>
            {model.path}
          </Text>
        </div>
        <Button component={Link} href={linkTo('run')} size="sm" style={{ flexShrink: 0 }}>
          {say('optimize')}
        </Button>
      </Group>
      <dl className="ft-glance">
        <Fact name={say('inputs')}>
          <Ports ports={model.inputs} />
        </Fact>
        <Fact name={say('outputs')}>
          <Ports ports={model.outputs} />
        </Fact>
        <Fact name={say('size')}>{bytes(model.sizeBytes)}</Fact>
        <Fact name={say('parameters')}>{large(model.parameters)}</Fact>
        <Fact name={say('multiplyAdds')}>
          {multiplyAdds === null ? say('unknownCount') : gigaMacs(multiplyAdds)}
        </Fact>
        <Fact name={say('operators')}>{count(model.operators.length)}</Fact>
        <Fact name={say('opset')}>{model.opset}</Fact>
        <Fact name={say('producer')}>{model.producer || say('producerUnknown')}</Fact>
      </dl>
      <Collapse expanded={isOpen} id={listId}>
        <List fz="sm" mt="xs" mah={180} style={{ overflow: 'auto' }} tabIndex={0} aria-label={say('why')}>
          {model.opaque.map(({ operator, reason }) => (
            <List.Item key={operator}>
              {operator}: {reason}
            </List.Item>
          ))}
        </List>
      </Collapse>
    </Card>
  );
}

/** Multiply-adds of one inference as people quote them: `0.078 GMAC`. */
const gigaMacs = (count: number): string => `${Number((count / 1e9).toPrecision(3))} GMAC`;

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const mostPorts = 3;

function Ports({ ports }: { readonly ports: readonly TensorPort[] }) {
  const texts = ports.map(({ name, shape, type }) => `${name}: ${type} ${shapeText(shape)}`);
  const hidden = texts.slice(mostPorts);
  return (
    <span title={texts.join('\n')}>
      {texts.slice(0, mostPorts).map((text) => (
        <span key={text} style={{ display: 'block' }}>
          {text}
        </span>
      ))}
      {hidden.length > 0 && `+ ${hidden.length}`}
    </span>
  );
}

/** Whether all of the model can be changed, and the way to see what cannot. */
function Replaceable({
  count,
  isOpen,
  listId,
  onOpen,
}: {
  readonly count: number;
  readonly isOpen: boolean;
  readonly listId: string;
  readonly onOpen: () => void;
}) {
  const say = useTexts(modelTexts);
  if (count === 0)
    return (
      <Text fz="sm" fw={600} c="var(--ft-good)">
        <IconCircleCheck size={16} aria-hidden="true" style={{ verticalAlign: -3 }} /> {say('allReplaceable')}
      </Text>
    );
  return (
    <Group gap={4} align="baseline">
      <Text fz="sm" fw={600}>
        <IconHandStop size={16} aria-hidden="true" style={{ verticalAlign: -3 }} />{' '}
        {count === 1 ? say('oneStays') : say('someStay', { count })}
      </Text>
      <Button
        size="compact-xs"
        variant="subtle"
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={onOpen}
      >
        {say('why')}
      </Button>
    </Group>
  );
}
