import { Stack } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import type { ModelDetail } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useSelection } from '../../client/selection.ts';
import { Glance } from './Glance.tsx';
import { GraphPart } from './graph/GraphPart.tsx';
import { OperatorFacts } from './operators/OperatorFacts.tsx';
import { OperatorTable } from './operators/OperatorTable.tsx';
import { knownOperators, slowestUs } from './operators/operator-rows.ts';
import { ProfileBar, ProfileFooter } from './ProfileBar.tsx';

/** One model: what it is at a glance, its graph with times, and the same as a table. */
export function ModelView({ model }: { readonly model: ModelDetail }): ReactNode {
  const { board } = useSelection().selection;
  const profile =
    useCall('models.profile', { sha256: model.sha256, ...(board && { board: board.address }) }).data ?? null;
  const operators = useMemo(() => knownOperators(model, profile), [model, profile]);
  const highestUs = useMemo(() => slowestUs(operators), [operators]);
  const [key, setKey] = useState<string | null>(null);
  const selected = operators.find((known) => known.key === key) ?? null;
  return (
    <Stack gap="sm" className="ft-model-view">
      <Glance model={model} />
      <ProfileBar model={model} profile={profile} />
      <div className="ft-model-parts">
        <div data-part="graph">
          <GraphPart
            model={model}
            operators={operators}
            highestUs={highestUs}
            selected={selected}
            onSelect={setKey}
          />
        </div>
        <div data-part="facts">
          <OperatorFacts known={selected} />
        </div>
        <div data-part="table">
          <OperatorTable operators={operators} highestUs={highestUs} selected={key} onSelect={setKey} />
        </div>
      </div>
      {profile && <ProfileFooter profile={profile} />}
    </Stack>
  );
}
