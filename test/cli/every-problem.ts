import type { DiscoveryProblem } from '../../electron/contract/found-boards.ts';

const path = '/dev/ttyUSB0\u001b[31m';

/** One of every kind of problem; the type makes a forgotten kind a compile error. */
export const everyProblem: {
  readonly [K in DiscoveryProblem['kind']]: Extract<DiscoveryProblem, { kind: K }>;
} = {
  localNetworkDenied: { kind: 'localNetworkDenied' },
  multicastFailed: {
    kind: 'multicastFailed',
    reason: 'send ENETUNREACH 224.0.0.251:5353\n    at x (y.js:1:2)',
  },
  usbNetworkDown: { kind: 'usbNetworkDown', network: 'usb0', command: 'nmcli device connect usb0' },
  serialDenied: {
    kind: 'serialDenied',
    path,
    group: 'dialout',
    relogin: false,
    command: 'sudo usermod -aG dialout mika',
    ruleCommand: 'cat 60-fieldtune.rules | sudo tee /etc/udev/rules.d/60-fieldtune.rules',
  },
  serialBusy: { kind: 'serialBusy', path, program: 'picocom', pid: 812 },
  modemManager: { kind: 'modemManager', path, command: 'sudo tee /etc/udev/rules.d/60-fieldtune.rules' },
  serialDriverMissing: {
    kind: 'serialDriverMissing',
    adapter: 'WCH CH340',
    culprit: null,
    command: 'sudo modprobe ch341',
  },
  udevMissing: { kind: 'udevMissing', command: 'sudo apt install udev' },
};
