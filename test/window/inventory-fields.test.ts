import { describe, expect, test } from 'vitest';
import type { BoardInventory, BoardReading } from '../../electron/runner/board-reading.ts';
import { concernWords, mendWords } from '../../renderer/language/concerns.ts';
import { languages } from '../../renderer/language/language.ts';
import { quantitiesOf } from '../../renderer/language/quantities.ts';
import { inventoryFields, readingFields } from '../../renderer/places/boards/inventory-fields.ts';
import { type InventoryKey, inventoryTexts } from '../../renderer/places/boards/inventory-words.ts';
import { calmReading, piInventory } from '../board/readings.ts';
import { everyConcern } from '../cli/every-note.ts';

/** The texts of a language with their values put in. */
const sayIn =
  (language: 'en' | 'ja') =>
  (key: InventoryKey, values: Readonly<Record<string, string | number>> = {}): string =>
    inventoryTexts[language][key].replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));

const en = quantitiesOf('en');
const inventoryOf = (change: Partial<BoardInventory>, reading: BoardReading | null = calmReading) =>
  Object.fromEntries(inventoryFields({ ...piInventory, ...change }, reading, sayIn('en'), en));
const readingOf = (change: Partial<BoardReading>) =>
  Object.fromEntries(readingFields({ ...calmReading, ...change }, sayIn('en'), en));

describe('What a board is made of', () => {
  test('has cores by kind, features, libraries, storage, provider and sensors', () => {
    expect(
      inventoryOf({
        clusters: [
          { cores: [0, 1, 2, 3], name: 'Cortex-A55', maxClockMHz: 1800 },
          { cores: [4, 5, 6, 7], name: 'Cortex-A76', maxClockMHz: null },
        ],
        cpuFeatures: ['neon', 'dotprod'],
        coresOnline: 7,
        coresTotal: 8,
        coreLimit: 1.5,
        memoryLimitBytes: 512e6,
        providers: ['cpu', 'xnnpack'],
        powerSensors: [
          { name: 'ina3221 VDD_IN', covers: 'board' },
          { name: 'ina3221 VDD_CPU', covers: 'rail' },
        ],
      }),
    ).toEqual({
      Model: 'Raspberry Pi 4 Model B Rev 1.4',
      'Kinds of cores': '4 × Cortex-A55, 1,800 MHz + 4 × Cortex-A76',
      'CPU features': 'neon, dotprod',
      'Cores switched on': '7 of 8',
      'Cores granted': '1.50',
      'Memory granted': '512 MB',
      Kernel: '6.6.31+rpt-rpi-v8 (aarch64)',
      'C library': 'glibc 2.36',
      'Storage of the runner': 'SD card (ext4), 20.0 GB of 30.0 GB free',
      'Execution provider used': 'cpu',
      'Execution providers': 'cpu, xnnpack',
      'Sensors of power': 'ina3221 VDD_IN (whole board), ina3221 VDD_CPU (one rail)',
    });
  });

  test('says what it has not got and what could not be read', () => {
    const fields = inventoryOf(
      { storage: null, libc: { name: 'unknown', version: null }, cpuFeatures: [] },
      { ...calmReading, disk: null },
    );
    expect(fields).toMatchObject({
      'CPU features': 'none',
      'C library': 'cannot be read there',
      'Storage of the runner': 'cannot be read there',
      'Sensors of power': 'none that can be read: energy is not measured',
      'Cores switched on': null,
      'Cores granted': null,
    });
  });

  test('shows foreign text as plain text (fault 49)', () => {
    const fields = inventoryOf({
      model: 'Pi\u202e\n4',
      providers: ['cpu\u202e', 'x\ny'],
      powerSensors: [{ name: 'ina\u001b[31m226', covers: 'cpu' }],
    });
    expect(fields).toMatchObject({
      Model: 'Pi 4',
      'Execution providers': 'cpu, x y',
      'Sensors of power': 'ina226 (CPU alone)',
    });
  });
});

describe('How a board was', () => {
  test('has all temperatures, the points at which the kernel acts, memory and power', () => {
    expect(readingOf({ onBattery: false, memoryPressure: 1.25 })).toEqual({
      'Highest clocks': '1,500 MHz × 4',
      'All temperatures': 'cpu-thermal 50.0 °C',
      'The kernel acts at': '110 °C (critical)',
      'Throttled since boot': 'no',
      'Supply voltage too low': 'no',
      Turbo: null,
      'Busiest program': 'none',
      'Memory available': '3.00 GB',
      'Swap in use': 'no swap',
      'Waiting for memory': '1.3 %',
      'Power source': 'mains',
    });
  });

  test.each<readonly [Partial<BoardReading>, string, string | null]>([
    [{ undervoltage: { now: true, sinceBoot: true } }, 'Supply voltage too low', 'now'],
    [{ undervoltage: { now: false, sinceBoot: true } }, 'Supply voltage too low', 'since boot, not now'],
    [{ undervoltage: null }, 'Supply voltage too low', null],
    [{ throttledSinceBoot: null }, 'Throttled since boot', 'cannot be read there'],
    [{ swapTotalBytes: 2e9, swapUsedBytes: 412e6 }, 'Swap in use', '412 MB'],
    [{ swapTotalBytes: null, swapUsedBytes: null }, 'Swap in use', 'cannot be read there'],
    [{ busiest: { name: 'a\nb', cores: 0.984 } }, 'Busiest program', 'a b, 0.98 cores'],
    [{ turbo: { on: true, switchFile: '/sys/x', offValue: '0' } }, 'Turbo', 'on'],
    [{ temperatures: [] }, 'All temperatures', null],
    [{ onBattery: true }, 'Power source', 'battery'],
  ])('%j: %s is %s', (change, label, value) => {
    expect(readingOf(change)[label]).toBe(value);
  });
});

describe('A concern', () => {
  test.each(languages)('is a sentence with its reason and one with what to do, in %s', (language) => {
    const said = everyConcern.map((concern) => concernWords(concern, language));
    expect(new Set(said).size).toBe(said.length);
    for (const concern of everyConcern) {
      for (const text of [concernWords(concern, language), mendWords(concern, language)]) {
        expect(text).toMatch(language === 'en' ? /^[A-Z0-9].*\.$/ : /[\u3040-\u30ff\u4e00-\u9fff].*。$/);
        expect(text).not.toContain('undefined');
      }
    }
  });
});
