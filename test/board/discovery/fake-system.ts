import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A tree that stands for /sys, /dev, /proc and /etc; it goes with the test. */
export interface FakeSystem {
  readonly root: string;
  file(path: string, text?: string): void;
  link(path: string, target: string): void;
  /** A USB device at a port such as `1-1.2`; returns its folder. */
  usbDevice(port: string, facts: UsbFacts): string;
  /** One of its interfaces with the driver that took it; returns its folder. */
  usbInterface(device: string, number: number, driver: string | null): string;
  /** A network interface behind a folder of a USB interface. */
  network(name: string, usbInterface: string): void;
  /** A serial port behind a folder of a USB interface, with its node and its link by id. */
  serialPort(name: string, usbInterface: string, byId?: string): void;
  process(pid: number, name: string, opened?: readonly string[]): void;
}

export interface UsbFacts {
  readonly vendorId: string;
  readonly productId: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serial?: string;
}

/** Makes an empty system. */
export function fakeSystem(): FakeSystem {
  const root = mkdtempSync(join(tmpdir(), 'fieldtune-system-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const file = (path: string, text = ''): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(join(root, target), join(root, path));
  };
  for (const folder of ['dev', 'sys/class/net', 'sys/class/tty', 'sys/bus/usb/devices', 'proc', 'etc']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  return {
    root,
    file,
    link,
    usbDevice(port, { vendorId, productId, ...strings }) {
      const folder = `sys/devices/usb1/${port}`;
      file(`${folder}/idVendor`, `${vendorId}\n`);
      file(`${folder}/idProduct`, `${productId}\n`);
      for (const [name, text] of Object.entries(strings)) file(`${folder}/${name}`, `${text}\n`);
      link(`sys/bus/usb/devices/${port}`, folder);
      return folder;
    },
    usbInterface(device, number, driver) {
      const folder = `${device}/${device.slice(device.lastIndexOf('/') + 1)}:1.${number}`;
      mkdirSync(join(root, folder), { recursive: true });
      if (driver !== null) {
        mkdirSync(join(root, `sys/bus/usb/drivers/${driver}`), { recursive: true });
        link(`${folder}/driver`, `sys/bus/usb/drivers/${driver}`);
      }
      return folder;
    },
    network(name, usbInterface) {
      mkdirSync(join(root, usbInterface, 'net', name), { recursive: true });
      link(`${usbInterface}/net/${name}/device`, usbInterface);
      link(`sys/class/net/${name}`, `${usbInterface}/net/${name}`);
    },
    serialPort(name, usbInterface, byId) {
      const isUsbSerial = name.startsWith('ttyUSB');
      const behind = isUsbSerial ? `${usbInterface}/${name}` : usbInterface;
      mkdirSync(join(root, behind, 'tty', name), { recursive: true });
      link(`${behind}/tty/${name}/device`, behind);
      link(`sys/class/tty/${name}`, `${behind}/tty/${name}`);
      file(`dev/${name}`);
      if (byId !== undefined) link(`dev/serial/by-id/${byId}`, `dev/${name}`);
    },
    process(pid, name, opened = []) {
      file(`proc/${pid}/comm`, `${name}\n`);
      for (const [fd, path] of opened.entries()) link(`proc/${pid}/fd/${fd}`, path);
    },
  };
}
