import { useEffect, useState } from 'react';
import { readChartTokens } from '../../../parts/chart-tokens.ts';
import type { GraphColours } from './draw.ts';

/** The colours of the graph; new ones when the theme changes. */
export function useGraphColours(): GraphColours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const themes = new MutationObserver(() =>
      setColours((old) => {
        const next = readColours();
        return JSON.stringify(next) === JSON.stringify(old) ? old : next;
      }),
    );
    themes.observe(document.documentElement, { attributes: true });
    return () => themes.disconnect();
  }, []);
  return colours;
}

function readColours(): GraphColours {
  const { quiet, accent, text, surface, line, heatLow, heatHigh } = readChartTokens();
  return { link: quiet, accent, text, surface, line, low: heatLow, high: heatHigh };
}
