import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

/** A chart that is on the page. */
export interface DrawnChart {
  draw(option: EChartsOption): void;
  dispose(): void;
}

/** Puts a chart into an element and keeps it as large as that; `onPick` gets the `id` of a clicked datum. */
export function drawChart(element: HTMLElement, onPick: (id: string) => void): DrawnChart {
  const chart = init(element, undefined, { renderer: 'svg' });
  const sizes = new ResizeObserver(() => chart.resize());
  sizes.observe(element);
  chart.on('click', ({ data }) => {
    if (typeof data === 'object' && data !== null && 'id' in data) onPick(String(data.id));
  });
  return {
    draw: (option) => chart.setOption({ animation: false, ...option }, { notMerge: true }),
    dispose: () => {
      sizes.disconnect();
      chart.dispose();
    },
  };
}
