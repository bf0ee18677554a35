/** What a USB device with a serial port is, as far as its numbers tell. */
export interface UsbAdapter {
  readonly name: string;
  /** Whether the console of a board is likely behind it. */
  readonly console: boolean;
  /** Kernel module that makes a port of it. */
  readonly driver: string;
}

/** Vendor and product (lower-case hexadecimal, `*` any) of adapters and gadgets; from the USB ID repository and the kernel's drivers. */
const adapters: Readonly<Record<string, UsbAdapter>> = {
  '0403:6001': { name: 'FTDI FT232R', console: true, driver: 'ftdi_sio' },
  '0403:6010': { name: 'FTDI FT2232H', console: true, driver: 'ftdi_sio' },
  '0403:6011': { name: 'FTDI FT4232H', console: true, driver: 'ftdi_sio' },
  '0403:6014': { name: 'FTDI FT232H', console: true, driver: 'ftdi_sio' },
  '0403:6015': { name: 'FTDI FT230X', console: true, driver: 'ftdi_sio' },
  '0403:*': { name: 'FTDI adapter', console: true, driver: 'ftdi_sio' },
  '10c4:ea60': { name: 'Silicon Labs CP2102', console: true, driver: 'cp210x' },
  '10c4:ea70': { name: 'Silicon Labs CP2105', console: true, driver: 'cp210x' },
  '10c4:ea71': { name: 'Silicon Labs CP2108', console: true, driver: 'cp210x' },
  '1a86:7523': { name: 'WCH CH340', console: true, driver: 'ch341' },
  '1a86:5523': { name: 'WCH CH341', console: true, driver: 'ch341' },
  '1a86:55d4': { name: 'WCH CH9102', console: true, driver: 'cdc_acm' },
  '1a86:55d3': { name: 'WCH CH343', console: true, driver: 'cdc_acm' },
  '067b:2303': { name: 'Prolific PL2303', console: true, driver: 'pl2303' },
  '067b:*': { name: 'Prolific adapter', console: true, driver: 'pl2303' },
  '04d8:00dd': { name: 'Microchip MCP2221', console: true, driver: 'cdc_acm' },
  '1d6b:0104': { name: 'Linux USB gadget', console: true, driver: 'cdc_acm' },
  '0525:a4a7': { name: 'Linux USB serial gadget', console: true, driver: 'cdc_acm' },
  '0525:a4aa': { name: 'Linux USB gadget', console: true, driver: 'cdc_acm' },
  '0955:7020': { name: 'NVIDIA Jetson', console: true, driver: 'cdc_acm' },
  '0955:7045': { name: 'NVIDIA Jetson debug port', console: true, driver: 'cdc_acm' },
  '2e8a:000c': { name: 'Raspberry Pi Debug Probe', console: true, driver: 'cdc_acm' },
  '1fc9:0143': { name: 'NXP MCU-Link', console: true, driver: 'cdc_acm' },
  '0451:bef3': { name: 'TI XDS110', console: true, driver: 'cdc_acm' },
  '1366:*': { name: 'SEGGER J-Link', console: true, driver: 'cdc_acm' },
  '0483:374b': { name: 'ST-LINK/V2-1', console: true, driver: 'cdc_acm' },
  '0483:374e': { name: 'ST-LINK/V3', console: true, driver: 'cdc_acm' },
  '0d28:0204': { name: 'Arm DAPLink', console: true, driver: 'cdc_acm' },
  '2341:*': { name: 'Arduino', console: false, driver: 'cdc_acm' },
  '1546:*': { name: 'u-blox GNSS receiver', console: false, driver: 'cdc_acm' },
  '2c7c:*': { name: 'Quectel modem', console: false, driver: 'option' },
  '1199:*': { name: 'Sierra Wireless modem', console: false, driver: 'qcserial' },
  '12d1:*': { name: 'Huawei modem', console: false, driver: 'option' },
  '1e0e:*': { name: 'SIMCom modem', console: false, driver: 'option' },
};

/** The adapter of these numbers (with or without `0x`, in any case); null for one that is not known. */
export function findAdapter(
  vendorId: string | null | undefined,
  productId: string | null | undefined,
): UsbAdapter | null {
  if (!vendorId || !productId) return null;
  const plain = (id: string): string => id.toLowerCase().replace(/^0x/, '').padStart(4, '0');
  return adapters[`${plain(vendorId)}:${plain(productId)}`] ?? adapters[`${plain(vendorId)}:*`] ?? null;
}

/** Makers of network adapters that leave to the office's network rather than to a board. */
export const networkAdapterVendors: ReadonlySet<string> = new Set([
  '0bda', // Realtek
  '0b95', // ASIX
  '2357', // TP-Link
  '17ef', // Lenovo docks
  '05ac', // Apple telephones
  '2c7c', // Quectel modems
  '1199', // Sierra Wireless modems
  '12d1', // Huawei modems
]);
