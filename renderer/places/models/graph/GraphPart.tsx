import { Center, Group, Loader, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import type { ModelDetail } from '../../../../electron/contract/views.ts';
import { useTexts } from '../../../language/language.ts';
import { type Quantities, useQuantities } from '../../../language/quantities.ts';
import { heatOf, type KnownOperator, searchOperators } from '../operators/operator-rows.ts';
import { modelTexts } from '../words.ts';
import { GraphSearch } from './GraphSearch.tsx';
import { GraphView } from './GraphView.tsx';
import { Legend } from './Legend.tsx';
import { type GraphBox, graphOf } from './model-graph.ts';
import type { BoxData } from './OperatorNode.tsx';
import { useLayout } from './use-layout.ts';

interface Props {
  readonly model: ModelDetail;
  /** The operators of the model in its order, and then the runtime's own rows. */
  readonly operators: readonly KnownOperator[];
  readonly highestUs: number | null;
  readonly selected: KnownOperator | null;
  readonly onSelect: (key: string | null) => void;
}

/** The graph with its search and its legend. */
export function GraphPart({ model, operators, highestUs, selected, onSelect }: Props): ReactNode {
  const say = useTexts(modelTexts);
  const quantities = useQuantities();
  const [search, setSearch] = useState('');
  const graph = useMemo(() => graphOf(model), [model]);
  const layout = useLayout(model.sha256, graph);
  const data = useMemo(() => {
    const words = {
      in: (name: string) => say('absorbedBy', { name }),
      stays: say('stays'),
      input: say('input'),
      output: say('output'),
    };
    return graph.boxes.map((box, index) =>
      boxData(
        box,
        index,
        box.operator === null ? null : operators[box.operator]!,
        highestUs,
        quantities,
        words,
      ),
    );
  }, [graph, operators, highestUs, quantities, say]);
  const found = useMemo(
    () =>
      searchOperators(
        operators.filter(({ place }) => place !== null),
        search,
      ),
    [operators, search],
  );
  const hits = useMemo(() => new Set(found), [found]);
  // A port of the model is a box that no operator stands for.
  const [port, setPort] = useState<number | null>(null);
  const box = selected ? selected.place : port;
  const select = (at: number | null): void => {
    const isPort = at !== null && graph.boxes[at]!.operator === null;
    setPort(isPort ? at : null);
    onSelect(at === null || isPort ? null : operators[at]!.key);
  };
  return (
    <Stack gap="xs" h="100%">
      <Group justify="space-between" wrap="nowrap" gap="md">
        <GraphSearch text={search} onText={setSearch} hits={found} at={box} onJump={select} />
        <Legend highestUs={highestUs} hasOpaque={model.opaque.length > 0} />
      </Group>
      <div className="ft-graph-frame">
        {layout ? (
          <GraphView graph={graph} layout={layout} data={data} hits={hits} selected={box} onSelect={select} />
        ) : (
          <Center h="100%" role="status">
            <Group gap="sm">
              <Loader size="sm" />
              <Text fz="sm" c="dimmed">
                {say('layingOut', { count: quantities.count(model.operators.length) })}
              </Text>
            </Group>
          </Center>
        )}
      </div>
      <p className="ft-visually-hidden" role="status">
        {selected &&
          say('selectedSays', {
            name: selected.name,
            type: selected.type,
            time: timeText(selected, quantities, (name) => say('absorbedBy', { name })) || say('notMeasured'),
          })}
      </p>
    </Stack>
  );
}

function timeText(
  { timed, absorbedBy }: KnownOperator,
  { latency }: Quantities,
  inWord: (name: string) => string,
): string {
  if (timed) return latency(timed.latencyUs);
  return absorbedBy === null ? '' : inWord(absorbedBy);
}

function boxData(
  box: GraphBox,
  index: number,
  known: KnownOperator | null,
  highestUs: number | null,
  quantities: Quantities,
  words: {
    readonly in: (name: string) => string;
    readonly stays: string;
    readonly input: string;
    readonly output: string;
  },
): BoxData {
  const time = known
    ? timeText(known, quantities, words.in)
    : box.kind === 'input'
      ? words.input
      : words.output;
  const stays = box.opaque === null ? '' : `${words.stays}: ${box.opaque}`;
  return {
    box,
    index,
    heat: heatOf(known?.timed?.latencyUs, highestUs),
    time,
    title: [box.type, box.name, time, stays].filter((part) => part !== '').join(' · '),
  };
}
