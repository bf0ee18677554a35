import type { BoardState, ConnectedBoard } from '../../contract/views.ts';
import { concernText } from '../../report/concerns.ts';
import { oneLine } from '../one-line.ts';
import { formatBytes, formatCount } from '../quantities.ts';
import { covered } from './energy.ts';
import { tableLines, wrapText } from './text-table.ts';
import type { View } from './view.ts';

type Inventory = NonNullable<ConnectedBoard['inventory']>;
type Reading = NonNullable<BoardState['reading']>;
/** A label with what is known; null: there is nothing to say. */
type Field = readonly [label: string, value: string | null];

const unreadable = 'not readable';

/** Lines that say what a board is made of, how it is now, and what would spoil a measurement on it. */
export function boardLines(board: ConnectedBoard, view: View): string[] {
  const { address, identity, installedBytes, inventory, state } = board;
  const { paint } = view;
  return [
    paint('bold', `${oneLine(identity.name)} at ${oneLine(address)}`),
    ...fieldLines([...identityFields(board), ...(inventory ? inventoryFields(inventory) : [])], view),
    '',
    paint('bold', 'Now'),
    ...fieldLines([...stateFields(state), ...(state.reading ? readingFields(state.reading) : [])], view),
    '',
    paint('bold', 'Would spoil a measurement'),
    ...concernLines(state, view),
    ...(installedBytes > 0 ? ['', `The runner was copied there: ${formatBytes(installedBytes)}.`] : []),
  ];
}

function fieldLines(fields: readonly Field[], { width, paint }: View): string[] {
  const rows = fields.flatMap(([label, value]) => (value === null ? [] : [[`  ${label}`, oneLine(value)]]));
  return tableLines([{ title: '' }, { title: '', shrinkTo: 40 }], rows, width, paint);
}

const identityFields = ({ identity }: ConnectedBoard): Field[] => [
  ['Id', identity.id],
  ['Serial number', identity.serialNumber],
  ['System', identity.os],
  ['CPU', `${identity.cpu}, ${formatCount(identity.cores)} cores, ${identity.arch}`],
  ['Memory', formatBytes(identity.memoryBytes)],
  ['Runner', `Node ${identity.nodeVersion}, onnxruntime ${identity.runtimeVersion}`],
];

function inventoryFields(inventory: Inventory): Field[] {
  const { clusters, coresOnline, coresTotal, coreLimit, memoryLimitBytes, libc, storage } = inventory;
  const clusterText = clusters.map(
    ({ cores, name, maxClockMHz }) =>
      `${cores.length} × ${name}${maxClockMHz === null ? '' : `, ${formatCount(maxClockMHz)} MHz`}`,
  );
  const sensors = inventory.powerSensors.map(({ name, covers }) => `${name} (${covered[covers]})`);
  return [
    ['Machine', inventory.model],
    ['Cores', listed(clusterText, ' + ')],
    ['CPU features', listed(inventory.cpuFeatures) ?? 'none that matter here'],
    ['Cores online', coresOnline === coresTotal ? null : `${coresOnline} of ${coresTotal}`],
    ['Limited to', coreLimit === null ? null : `${coreLimit.toFixed(2)} cores' worth of time`],
    ['Memory limit', memoryLimitBytes === null ? null : formatBytes(memoryLimitBytes)],
    ['Kernel', `${inventory.kernel} (${inventory.kernelArch}), userland ${inventory.userlandArch}`],
    ['C library', libc.name === 'unknown' ? unreadable : `${libc.name} ${libc.version ?? ''}`.trim()],
    ['Storage', storage === null ? unreadable : `${kinds[storage.kind]} (${storage.fileSystem})`],
    ['Execution provider', `${inventory.providerUsed}; the runtime has ${inventory.providers.join(', ')}`],
    ['Power sensors', listed(sensors) ?? 'none, so energy is not measured'],
  ];
}

const kinds: Readonly<Record<NonNullable<Inventory['storage']>['kind'], string>> = {
  sdCard: 'SD card',
  emmc: 'eMMC',
  nvme: 'NVMe',
  usb: 'USB',
  ssd: 'SSD',
  hdd: 'hard disk',
  network: 'network',
  memory: 'memory',
  virtual: 'virtual disk',
  unknown: 'unknown',
};

function stateFields({ governor, clockMHz, temperatureC, throttled, load1 }: BoardState): Field[] {
  const clocks = [...new Set(clockMHz ?? [])].sort((a, b) => a - b).map(formatCount);
  return [
    ['Governor', governor ?? unreadable],
    ['Clock', clocks.length === 0 ? unreadable : `${clocks.join(' / ')} MHz`],
    ['Temperature', temperatureC === null ? unreadable : `${temperatureC.toFixed(1)} °C`],
    ['Throttled', yesNo(throttled)],
    ['Load', load1.toFixed(2)],
  ];
}

function readingFields(reading: Reading): Field[] {
  const { undervoltage, busiest, disk, swapTotalBytes, swapUsedBytes, onBattery, turbo } = reading;
  const trips = (reading.temperatures[0]?.tripPoints ?? []).map(
    ({ type, temperatureC }) => `${temperatureC.toFixed(0)} °C (${type})`,
  );
  const available = reading.memoryAvailableBytes;
  const swap = swapUsedBytes === null || swapTotalBytes === null ? unreadable : null;
  return [
    ['Throttles at', listed(trips)],
    ['Throttled since it started', yesNo(reading.throttledSinceBoot)],
    [
      'Supply too low',
      undervoltage && (undervoltage.now ? 'now' : undervoltage.sinceBoot ? 'earlier' : 'no'),
    ],
    ['Turbo', turbo && (turbo.on ? 'on' : 'off')],
    ['Busiest program', busiest ? `${busiest.name}, ${busiest.cores.toFixed(2)} cores` : 'none'],
    ['Memory available', available === null ? unreadable : formatBytes(available)],
    [
      'Swap used',
      swap ??
        (swapTotalBytes === 0
          ? 'there is none'
          : `${formatBytes(swapUsedBytes!)} of ${formatBytes(swapTotalBytes!)}`),
    ],
    [
      'Free disk',
      disk === null
        ? unreadable
        : `${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} at ${disk.folder}`,
    ],
    ['Runs on', onBattery === null ? null : onBattery ? 'its battery' : 'mains'],
  ];
}

/** The worst first; a command is copied as a whole, so it is not broken. */
function concernLines({ concerns }: BoardState, { width }: View): string[] {
  if (concerns.length === 0) return ['  Nothing that could be read.'];
  return concerns.flatMap((concern) => [
    ...wrapText(oneLine(concernText(concern)), width, '    ').map((line, at) =>
      at === 0 ? `  - ${line.trimStart()}` : line,
    ),
    ...(concern.command === null ? [] : [`      ${oneLine(concern.command)}`]),
  ]);
}

const yesNo = (value: boolean | null): string => (value === null ? unreadable : value ? 'yes' : 'no');

const listed = (texts: readonly string[], between = ', '): string | null =>
  texts.length > 0 ? texts.join(between) : null;
