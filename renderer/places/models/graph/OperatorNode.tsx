import type { Node, NodeProps } from '@xyflow/react';
import { type CSSProperties, createContext, memo, useContext } from 'react';
import type { GraphBox } from './model-graph.ts';

/** What a box on the page needs; the same object as long as nothing of it changes. */
export interface BoxData extends Record<string, unknown> {
  readonly box: GraphBox;
  readonly index: number;
  /** 0 to 1; null: no time of its own. */
  readonly heat: number | null;
  /** Its time with unit, or what it was absorbed by; empty without a profile. */
  readonly time: string;
  /** For the pointer: everything in one line. */
  readonly title: string;
}
export type BoxNode = Node<BoxData, 'box'>;

/** Which boxes are found and which is selected; kept apart from the nodes so that these stay as they are. */
export interface Marks {
  readonly selected: number | null;
  readonly hits: ReadonlySet<number>;
}
/** The marks for the boxes, so that a change of them draws no graph anew. */
export const MarksContext = createContext<Marks>({ selected: null, hits: new Set() });

/** A box near enough to be read: type and time, below it the name and a bar of the time. */
export const OperatorNode = memo(function OperatorNode({ data }: NodeProps<BoxNode>) {
  const { selected, hits } = useContext(MarksContext);
  const { box, index, heat, time, title } = data;
  return (
    <div
      className="ft-box"
      title={title}
      data-kind={box.kind}
      data-opaque={box.opaque !== null || undefined}
      data-selected={index === selected || undefined}
      data-hit={hits.has(index) || undefined}
      style={{ '--heat': heat ?? 0 } as CSSProperties}
    >
      <span className="ft-box-first">
        <span className="ft-box-type">{box.type}</span>
        <span className="ft-box-time">{time}</span>
      </span>
      <span className="ft-box-name">{box.name}</span>
      <span className="ft-box-bar" />
    </div>
  );
});
