import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const stateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximized: z.boolean(),
});

/** Place and size of the window, in the system's points. */
export type WindowState = z.infer<typeof stateSchema>;

/** Smallest window in which every place is whole. */
export const smallest = { width: 960, height: 640 };
const usual = { width: 1280, height: 800 };
/** So much of the title bar must be within reach of the mouse. */
const reachable = 64;

/** Where the window was, if a display still shows that place; else only a size. */
export async function loadWindowState(
  file: string,
  displays: readonly Rectangle[],
): Promise<Partial<WindowState> & Pick<WindowState, 'width' | 'height' | 'maximized'>> {
  const state = await read(file);
  if (state === null) return { ...usual, maximized: false };
  const size = {
    width: Math.max(state.width, smallest.width),
    height: Math.max(state.height, smallest.height),
    maximized: state.maximized,
  };
  const isShown = displays.some(
    (display) =>
      state.y >= display.y &&
      state.y + reachable <= display.y + display.height &&
      state.x + state.width >= display.x + reachable &&
      state.x + reachable <= display.x + display.width,
  );
  return isShown ? { ...size, x: state.x, y: state.y } : size;
}

/** Remembers where the window is; where that fails, the next one stands where the system puts it. */
export async function saveWindowState(file: string, state: WindowState): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(state));
  } catch {
    // A place is not worth a message.
  }
}

async function read(file: string): Promise<WindowState | null> {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
