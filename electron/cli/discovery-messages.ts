import type { DiscoveryProblem } from '../contract/found-boards.ts';
import { assertNever } from '../contract/result.ts';
import { oneLine } from './one-line.ts';

/** What stands in the way of a board: what it is and what to do in one sentence, and the commands that do it. */
export interface ProblemText {
  readonly message: string;
  readonly commands: readonly string[];
}

/** The words for a problem. */
export function discoveryMessage(problem: DiscoveryProblem): ProblemText {
  switch (problem.kind) {
    case 'localNetworkDenied':
      return {
        message:
          'macOS keeps Fieldtune off the local network, so no board is found there: allow Fieldtune, or the terminal it runs in, under System Settings > Privacy & Security > Local Network.',
        commands: [],
      };
    case 'multicastFailed':
      return {
        message: `Boards could not be asked for by mDNS (${oneLine(problem.reason)}): check the network and the firewall (UDP port 5353), or give the board's address.`,
        commands: [],
      };
    case 'usbNetworkDown':
      return {
        message: `The USB network ${oneLine(problem.network)} of a board is plugged in, but this computer has no address on it: get one.`,
        commands: [problem.command],
      };
    case 'serialDenied':
      return problem.relogin
        ? {
            message: `You may not open ${oneLine(problem.path)} yet, though you are in the group ${oneLine(problem.group)}: sign out of this computer and in again.`,
            commands: [],
          }
        : {
            message: `You may not open ${oneLine(problem.path)}, which is for the group ${oneLine(problem.group)}: join the group and sign in again, or install Fieldtune's udev rule.`,
            commands: [problem.command, problem.ruleCommand],
          };
    case 'serialBusy':
      return {
        message: `${oneLine(problem.path)} is open in ${oneLine(problem.program)} (process ${problem.pid}): close that program first.`,
        commands: [],
      };
    case 'modemManager':
      return {
        message: `ModemManager may talk to ${oneLine(problem.path)} for some seconds after it was plugged in: wait half a minute, or install Fieldtune's udev rule.`,
        commands: [problem.command],
      };
    case 'serialDriverMissing':
      return {
        message:
          problem.culprit === null
            ? `${oneLine(problem.adapter)} is plugged in and has no serial port, as its driver is not loaded: load it.`
            : `${oneLine(problem.adapter)} is plugged in, but ${oneLine(problem.culprit)} has taken it: remove that program, then plug the adapter in again.`,
        commands: [problem.command],
      };
    case 'udevMissing':
      return {
        message:
          'udevadm is missing, so serial ports are found by their files alone: install it for their names, or give the path of a port.',
        commands: [problem.command],
      };
    default:
      return assertNever(problem);
  }
}
