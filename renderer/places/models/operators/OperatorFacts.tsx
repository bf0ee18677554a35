import { Card, Text } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { shapeText } from '../graph/model-graph.ts';
import { modelTexts } from '../words.ts';
import type { KnownOperator } from './operator-rows.ts';

/** All that is known of the selected operator. */
export function OperatorFacts({ known }: { readonly known: KnownOperator | null }): ReactNode {
  const say = useTexts(modelTexts);
  if (!known)
    return (
      <Card withBorder padding="sm">
        <Text fz="sm" c="dimmed">
          {say('selectHint')}
        </Text>
      </Card>
    );
  const { name, type, timed, absorbedBy, opaque, operator } = known;
  const multiplyAdds = operator?.multiplyAdds ?? timed?.multiplyAdds ?? null;
  const attributes = Object.entries(operator?.attributes ?? {});
  return (
    // A region that scrolls must be reachable by keyboard.
    <Card
      withBorder
      padding="sm"
      className="ft-facts"
      component="section"
      aria-label={say('factsOf', { name })}
      tabIndex={0}
    >
      <Text fw={650} style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
      <Text fz="sm" c="dimmed" mb={6}>
        {operator ? type : `${type} · ${say('runtimes')}`}
      </Text>
      {opaque !== null && (
        <Text fz="sm" mb={6}>
          <IconHandStop size={14} aria-hidden="true" style={{ verticalAlign: -2 }} /> {say('stays')}: {opaque}
        </Text>
      )}
      <dl className="ft-facts-list">
        <Latency known={known} />
        {operator?.outputShape && <Fact name={say('shape')}>{shapeText(operator.outputShape)}</Fact>}
        <Parameters count={operator?.parameters ?? timed?.parameters ?? 0} />
        {multiplyAdds !== null && <MultiplyAdds count={multiplyAdds} />}
        {timed && timed.absorbed.length > 0 && (
          <Fact name={say('absorbed')}>{timed.absorbed.join(', ')}</Fact>
        )}
        {attributes.map(([key, value]) => (
          <Fact key={key} name={key} isCode>
            {value}
          </Fact>
        ))}
      </dl>
      {absorbedBy !== null && <Text fz="sm">{say('absorbedFact', { name: absorbedBy })}</Text>}
    </Card>
  );
}

function Latency({ known: { timed, absorbedBy } }: { readonly known: KnownOperator }) {
  const say = useTexts(modelTexts);
  const { latency, percent } = useQuantities();
  if (absorbedBy !== null) return null;
  if (!timed) return <Fact name={say('latency')}>{say('notMeasured')}</Fact>;
  const [low, high] = timed.latencyInterval95Us;
  return (
    <Fact name={say('latency')}>
      <strong>{latency(timed.latencyUs)}</strong>, {say('ofRun', { share: percent(100 * timed.share) })}
      <br />
      {say('interval', { low: latency(low), high: latency(high) })}
    </Fact>
  );
}

function Parameters({ count }: { readonly count: number }) {
  const say = useTexts(modelTexts);
  const quantities = useQuantities();
  return <Fact name={say('parameters')}>{quantities.count(count)}</Fact>;
}

function MultiplyAdds({ count }: { readonly count: number }) {
  const say = useTexts(modelTexts);
  const quantities = useQuantities();
  return <Fact name={say('multiplyAdds')}>{quantities.count(count)}</Fact>;
}

function Fact({
  name,
  isCode,
  children,
}: {
  readonly name: string;
  readonly isCode?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <dt data-code={isCode || undefined}>{name}</dt>
      <dd data-code={isCode || undefined}>{children}</dd>
    </div>
  );
}
