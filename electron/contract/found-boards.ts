/** What was found of boards, and what was in the way: as the terminal tells it and the place Boards shows it. */
export interface BoardSearch {
  /** `never`: nobody has looked yet. */
  readonly state: 'never' | 'looking' | 'done';
  readonly found: readonly FoundBoard[];
  /** Of the search as a whole; those of one way stand there. */
  readonly problems: readonly DiscoveryProblem[];
  /** ISO 8601, UTC; null until the first search has ended. */
  readonly finishedAt: string | null;
}

/** Something that may be a board, by all ways on which it was found. */
export interface FoundBoard {
  /** Stays the same from one search to the next, while the board is found in the same ways. */
  readonly key: string;
  readonly name: string;
  /** The best first: the network over USB, the network, a serial port. */
  readonly ways: readonly FoundWay[];
  /** Id of the known board that it seems to be; who it is in truth is only known once it is connected. */
  readonly board: string | null;
}

/** One way to what was found. */
export interface FoundWay {
  readonly source: 'usbNetwork' | 'mdns' | 'serial';
  readonly link: 'ssh' | 'serial';
  /** What connects, written out in full; null where the user is missing. */
  readonly address: string | null;
  /** Without SSH null, like the port. */
  readonly host: string | null;
  readonly port: number | null;
  /** Who to sign in as, where there is a reason to think so. */
  readonly user: string | null;
  /** Interface, maker and model of an adapter, or the address on the network. */
  readonly detail: string;
  readonly problem: DiscoveryProblem | null;
}

/** Why something cannot be found or used, with what a person can do; `command` mends it on this computer. */
export type DiscoveryProblem =
  /** macOS asks once whether an app may reach the local network; it was told no. */
  | { readonly kind: 'localNetworkDenied' }
  /** Multicast does not go out: a firewall, no network, or another program that shares port 5353 with nobody. */
  | { readonly kind: 'multicastFailed'; readonly reason: string }
  /** The gadget is plugged in, but this computer has no address on its network. */
  | { readonly kind: 'usbNetworkDown'; readonly network: string; readonly command: string }
  /** This person may not open the port. `relogin`: is a member of the group, but not yet in this session. */
  | {
      readonly kind: 'serialDenied';
      readonly path: string;
      readonly group: string;
      readonly relogin: boolean;
      readonly command: string;
      /** Installs the rule that comes with the app, which lets everybody at the screen use such ports. */
      readonly ruleCommand: string;
    }
  /** Another program has the port open. */
  | { readonly kind: 'serialBusy'; readonly path: string; readonly program: string; readonly pid: number }
  /** ModemManager talks to new ports of this kind for some seconds. */
  | { readonly kind: 'modemManager'; readonly path: string; readonly command: string }
  /** A serial adapter is plugged in and has no port. `culprit`: a program that took it. */
  | {
      readonly kind: 'serialDriverMissing';
      readonly adapter: string;
      readonly culprit: string | null;
      readonly command: string;
    }
  /** Ports were found by their files alone. */
  | { readonly kind: 'udevMissing'; readonly command: string };
