import type { BoardState, ConnectedBoard } from '../../../electron/contract/views.ts';
import { foreignText } from '../../language/foreign-text.ts';
import type { Say } from '../../language/language.ts';
import type { Quantities } from '../../language/quantities.ts';
import type { InventoryKey } from './inventory-words.ts';

/** A label with what is known; null: it does not apply to this board. */
export type InventoryField = readonly [label: string, value: string | null];

type Inventory = NonNullable<ConnectedBoard['inventory']>;
type Reading = NonNullable<BoardState['reading']>;

/** What a board is made of, beyond its identity. */
export function inventoryFields(
  inventory: Inventory,
  reading: Reading | null,
  say: Say<InventoryKey>,
  { count, bytes }: Quantities,
): readonly InventoryField[] {
  const { clusters, coresOnline, coresTotal, storage, libc, memoryLimitBytes, coreLimit } = inventory;
  const disk = reading?.disk ?? null;
  const clusterText = clusters.map(({ cores, name, maxClockMHz }) =>
    [`${cores.length} × ${foreignText(name)}`, maxClockMHz === null ? null : `${count(maxClockMHz)} MHz`]
      .filter((part) => part !== null)
      .join(', '),
  );
  return [
    [say('machine'), inventory.model === null ? null : foreignText(inventory.model)],
    [say('clusters'), clusterText.length > 0 ? clusterText.join(' + ') : null],
    [say('features'), listed(inventory.cpuFeatures) ?? say('none')],
    [
      say('online'),
      coresOnline === coresTotal ? null : say('onlineOf', { online: coresOnline, total: coresTotal }),
    ],
    [say('coreLimit'), coreLimit === null ? null : coreLimit.toFixed(2)],
    [say('memoryLimit'), memoryLimitBytes === null ? null : bytes(memoryLimitBytes)],
    [say('kernel'), `${foreignText(inventory.kernel)} (${foreignText(inventory.kernelArch)})`],
    [
      say('libc'),
      libc.name === 'unknown'
        ? say('unreadable')
        : [libc.name, libc.version]
            .filter((part) => part !== null)
            .map(foreignText)
            .join(' '),
    ],
    [
      say('storage'),
      [
        storage && `${say(`kind.${storage.kind}`)} (${foreignText(storage.fileSystem)})`,
        disk && say('free', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes) }),
      ]
        .filter((part) => part !== null)
        .join(', ') || say('unreadable'),
    ],
    [say('provider'), foreignText(inventory.providerUsed)],
    [say('providers'), listed(inventory.providers)],
    [
      say('powerSensors'),
      listed(
        inventory.powerSensors.map(({ name, covers }) =>
          say(`covers.${covers}`, { name: foreignText(name) }),
        ),
      ) ?? say('noPowerSensor'),
    ],
  ];
}

/** How a board was when it was read, beyond what its state sums up. */
export function readingFields(
  reading: Reading,
  say: Say<InventoryKey>,
  { count, bytes, percent }: Quantities,
): readonly InventoryField[] {
  const { temperatures, undervoltage, busiest, turbo, swapUsedBytes, swapTotalBytes, clocks } = reading;
  const trips = temperatures[0]?.tripPoints ?? [];
  const maxima = clocks.flatMap(({ maxMHz, cores }) =>
    maxMHz === null ? [] : [`${count(maxMHz)} MHz × ${cores.length}`],
  );
  const known = (value: string | null): string => value ?? say('unreadable');
  return [
    [say('maxClocks'), listed(maxima)],
    [
      say('temperatures'),
      listed(temperatures.map(({ name, temperatureC }) => `${name} ${temperatureC.toFixed(1)} °C`)),
    ],
    [say('trips'), listed(trips.map(({ type, temperatureC }) => `${temperatureC.toFixed(0)} °C (${type})`))],
    [
      say('sinceBoot'),
      known(reading.throttledSinceBoot === null ? null : say(reading.throttledSinceBoot ? 'yes' : 'no')),
    ],
    [
      say('undervoltage'),
      undervoltage &&
        say(
          undervoltage.now
            ? 'undervoltage.now'
            : undervoltage.sinceBoot
              ? 'undervoltage.earlier'
              : 'undervoltage.never',
        ),
    ],
    [say('turbo'), turbo && say(turbo.on ? 'on' : 'off')],
    [
      say('busiest'),
      busiest
        ? say('cores', { name: foreignText(busiest.name), cores: busiest.cores.toFixed(2) })
        : say('nothingBusy'),
    ],
    [
      say('available'),
      known(reading.memoryAvailableBytes === null ? null : bytes(reading.memoryAvailableBytes)),
    ],
    [
      say('swap'),
      swapTotalBytes === 0 ? say('noSwap') : known(swapUsedBytes === null ? null : bytes(swapUsedBytes)),
    ],
    [say('pressure'), reading.memoryPressure === null ? null : percent(reading.memoryPressure)],
    [say('power'), reading.onBattery === null ? null : say(reading.onBattery ? 'battery' : 'mains')],
  ];
}

/** Foreign names one after the other; null where there are none. */
const listed = (names: readonly string[]): string | null =>
  names.length > 0 ? names.map(foreignText).join(', ') : null;
