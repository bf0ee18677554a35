import './models.css';
import { Button, Stack, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import type { ModelDetail } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useSelection } from '../../client/selection.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { Empty, Fetched, Loading } from '../../parts/States.tsx';
import { DataPart } from './data/DataPart.tsx';
import { prepareLayout } from './graph/elk-layout.ts';
import { dataId, sampleId } from './links.ts';
import { ModelView } from './ModelView.tsx';
import { useOpenedModel } from './opened.ts';
import { DropZone } from './sources/DropZone.tsx';
import { Sources } from './sources/Sources.tsx';
import { useIncoming } from './sources/use-incoming.ts';
import { modelTexts } from './words.ts';

/** The place Models and data: what is known, what can be opened, and one model or the chosen data in full. */
export function Models({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(modelTexts);
  const incoming = useIncoming();
  const { selection } = useSelection();
  useEffect(prepareLayout, []);
  const isData = id === dataId;
  const path = useModelPath(isData ? null : id);
  return (
    <Stack gap="md">
      <Title order={1}>{say('title')}</Title>
      <DropZone onFiles={incoming.take} />
      <div className="ft-models">
        <Sources
          incoming={incoming}
          shown={
            isData
              ? { kind: 'data', path: selection.data?.path ?? null }
              : { kind: 'model', path: path ?? null }
          }
        />
        {isData ? (
          <DataPart path={selection.data?.path ?? null} modelPath={selection.model?.path ?? null} />
        ) : (
          <ModelPart id={id} path={path} />
        )}
      </div>
    </Stack>
  );
}

/** Where the model of an id lies; undefined: not known yet, null: there is none. */
function useModelPath(id: string | null): string | null | undefined {
  const { model } = useSelection().selection;
  const models = useCall('models.list', {});
  if (id === null) return model?.path ?? null;
  if (model?.sha256 === id) return model.path;
  if (models.data === undefined) return models.error ? null : undefined;
  return (
    models.data.find(({ sha256, isSample }) => (id === sampleId ? isSample : sha256 === id))?.path ?? null
  );
}

function ModelPart({ id, path }: { readonly id: string | null; readonly path: string | null | undefined }) {
  const say = useTexts(modelTexts);
  const opened = useOpenedModel(path ?? null);
  if (path === undefined) return <Loading />;
  if (path === null)
    return id === null ? (
      <Empty title={say('nothing')} hint={say('nothingHint')}>
        <Button component={Link} href={linkTo('models', sampleId)} mt="sm">
          {say('openSample')}
        </Button>
      </Empty>
    ) : (
      <Empty title={say('unknown')} hint={say('unknownHint')} />
    );
  return <Fetched query={opened}>{(model) => <Selected key={model.path} model={model} />}</Fetched>;
}

/** The model that is looked at is the model that is worked with. */
function Selected({ model }: { readonly model: ModelDetail }) {
  const { selection, select } = useSelection();
  const { path, name, sha256, isSample } = model;
  const isChosen = selection.model?.path === path && selection.model.sha256 === sha256;
  useEffect(() => {
    if (!isChosen) select({ model: { path, name, sha256 } });
  }, [isChosen, select, path, name, sha256]);
  const needsData = isSample && selection.data === null;
  const sampleData = useCall('data.list', needsData ? {} : null).data?.find((data) => data.isSample);
  useEffect(() => {
    if (needsData && sampleData) select({ data: { path: sampleData.path, name: sampleData.name } });
  }, [needsData, sampleData, select]);
  return <ModelView model={model} />;
}
