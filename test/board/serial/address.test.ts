import { describe, expect, test } from 'vitest';
import { parseBoardAddress } from '../../../electron/board/address.ts';

describe('the address of a serial console', () => {
  test.each([
    ['serial:/dev/ttyUSB0', '/dev/ttyUSB0', 115_200, null, 'serial:/dev/ttyUSB0'],
    ['serial:///dev/ttyACM0', '/dev/ttyACM0', 115_200, null, 'serial:/dev/ttyACM0'],
    ['serial:/dev/ttyUSB0?baud=115200', '/dev/ttyUSB0', 115_200, null, 'serial:/dev/ttyUSB0'],
    ['serial:/dev/ttyUSB0?baud=1500000', '/dev/ttyUSB0', 1_500_000, null, 'serial:/dev/ttyUSB0?baud=1500000'],
    ['serial://root@/dev/ttyS1?baud=9600', '/dev/ttyS1', 9600, 'root', 'serial://root@/dev/ttyS1?baud=9600'],
    ['serial:com3', 'COM3', 115_200, null, 'serial:COM3'],
    ['serial://pi@COM12', 'COM12', 115_200, 'pi', 'serial://pi@COM12'],
    [
      'serial:/dev/serial/by-id/usb-FTDI_A1-if00',
      '/dev/serial/by-id/usb-FTDI_A1-if00',
      115_200,
      null,
      'serial:/dev/serial/by-id/usb-FTDI_A1-if00',
    ],
  ])('%s is understood', (address, port, baud, user, text) => {
    expect(parseBoardAddress(address)).toEqual({
      ok: true,
      value: { kind: 'serial', port, baud, user, text },
    });
    expect(parseBoardAddress(text)).toEqual({ ok: true, value: { kind: 'serial', port, baud, user, text } });
  });

  test.each([
    'serial:',
    'serial:ttyUSB0',
    'serial:COM0',
    'serial:/dev/tty USB0',
    'serial:/dev/ttyUSB0?baud=fast',
    'serial:/dev/ttyUSB0?baud=1',
    'serial:/dev/ttyUSB0?speed=9600',
    'serial:/dev/ttyUSB0#x',
    'serial://a b@/dev/ttyUSB0',
    'serial://%zz@/dev/ttyUSB0',
  ])('%s is refused', (address) => {
    expect(parseBoardAddress(address)).toMatchObject({ ok: false, error: { kind: 'boardAddress' } });
  });

  test('a password in it is refused and not repeated', () => {
    const parsed = parseBoardAddress('serial://root:secret@/dev/ttyUSB0');
    expect(parsed).toMatchObject({ ok: false, error: { kind: 'boardAddress' } });
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });
});
