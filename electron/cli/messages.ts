import { addressForms } from '../board/address.ts';
import type { AppError, DataError, ModelError, RequestError } from '../contract/errors.ts';
import { assertNever } from '../contract/result.ts';
import { deployMessage } from './deploy-messages.ts';
import { oneLine } from './one-line.ts';
import { formatBytes, formatCount } from './quantities.ts';
import { trialMessage } from './trial-messages.ts';

/** Exit codes of the command, stable for scripts. */
export const exitCodes = { done: 0, failed: 1, usage: 2, noImprovement: 3, interrupted: 130 } as const;

/** The exit code that an error leads to. */
export function exitCodeOf(error: AppError): number {
  switch (error.kind) {
    case 'usage':
    case 'outputExists':
    case 'runUnknown':
    case 'runHasNoFront':
    case 'trialUnknown':
    case 'boardAddress':
    case 'boardTwice':
    case 'deployUnmanaged':
    case 'deployOtherBoard':
    case 'deployTrialRejected':
    case 'deployNoGain':
      return exitCodes.usage;
    case 'cancelled':
      return exitCodes.interrupted;
    default:
      return exitCodes.failed;
  }
}

const shapeOf = (shape: readonly (number | string)[]): string =>
  `[${shape.map((axis) => oneLine(`${axis}`)).join(', ')}]`;

/**
 * The sentence for an error: what happened, why, and what to do now; one line.
 * `run` is the run that it stopped, if that can be continued.
 */
export function messageOf(error: AppError, run: string | null = null): string {
  const path = 'path' in error ? oneLine(error.path) : '';
  switch (error.kind) {
    case 'modelMissing':
      return `The model ${path} cannot be read (${oneLine(error.reason)}): check the path and that you may read the file.`;
    case 'modelNotOnnx':
      return `${path} is not an ONNX model, since its content is something else: export the model to ONNX and give that file.`;
    case 'modelTruncated':
      return `The model ${path} ends in the middle, as after a broken download or copy: fetch or export it again.`;
    case 'modelTooLarge':
      return `The model ${path} was not opened because it has ${formatBytes(error.sizeBytes)} and the limit is ${formatBytes(error.limitBytes)}: give a smaller model.`;
    case 'modelCyclic':
      return `The model ${path} cannot run because its graph goes in a circle through ${oneLine(error.operator)}: export it again.`;
    case 'modelBroken':
      return `The model ${path} is not well-formed (${oneLine(error.reason)}): export it again, and check it with onnx.checker.`;
    case 'modelExternalData':
      return `The model ${path} keeps tensor ${oneLine(error.tensor)} in another file, which is not supported: save it as one file (onnx.save with save_as_external_data=False).`;
    case 'modelOpset':
      return `The model ${path} uses opset ${error.opset}, and only ${error.from} to ${error.to} are supported: convert it with onnx.version_converter.`;
    case 'modelUnknownOperator':
      return `The model ${path} uses operator type ${oneLine(error.type)} (node ${oneLine(error.operator)}), which onnxruntime does not have: export it with standard ONNX operators only.`;
    case 'modelDynamicShape':
      return `The model ${path} leaves the shape of input ${oneLine(error.input)} open (${shapeOf(error.shape)}), so it cannot be timed: fix the shape with onnxruntime.tools.make_dynamic_shape_fixed.`;
    case 'modelInputType':
      return `The model ${path} takes ${oneLine(error.type)} at input ${oneLine(error.input)}, and only float32 inputs are supported: export it with a float32 input.`;
    case 'modelNoFloatOperator':
      return `The model ${path} has no float32 operator that could be replaced: give the float model from which it was made.`;
    case 'modelFailsToRun':
      return `The model ${path} does not run on the board (${oneLine(error.reason)}): check that onnxruntime runs it there, or export it again.`;
    default:
      return dataMessage(error, run);
  }
}

function dataMessage(error: Exclude<AppError, ModelError>, run: string | null): string {
  const path = 'path' in error ? oneLine(error.path) : '';
  switch (error.kind) {
    case 'dataMissing':
      return `The data ${path} is incomplete (${oneLine(error.reason)}): give a folder with dataset.json, fit and verify (.npz files or folders of images), or one .npz.`;
    case 'dataUnreadable':
      return `The data ${path} cannot be read (${oneLine(error.reason)}): check the file, or write it again.`;
    case 'dataShape':
      return `The data ${path} does not fit the model, which takes samples of ${shapeOf(error.expected)} and not ${shapeOf(error.actual)}: give data of that shape, or correct the preprocessing in dataset.json.`;
    case 'dataNotFinite':
      return `Array ${oneLine(error.array)} of the data ${path} has ${formatCount(error.count)} values that are NaN or infinite: remove or replace those samples.`;
    case 'dataLabels':
      return `The data ${path} has the label ${error.label}, but the model knows classes 0 to ${error.classes - 1}: correct the labels.`;
    case 'dataTooFew':
      return `The data ${path} has ${formatCount(error.samples)} samples where at least ${formatCount(error.needed)} are needed: add more.`;
    default:
      return boardMessage(error, run);
  }
}

function boardMessage(error: Exclude<AppError, ModelError | DataError>, run: string | null): string {
  const board = 'board' in error ? oneLine(error.board) : '';
  switch (error.kind) {
    case 'boardAddress':
      return `The board address ${oneLine(error.address)} cannot be used (${oneLine(error.reason)}): give ${addressForms}.`;
    case 'knownHostsUnreadable':
      return `The list of known boards ${oneLine(error.file)} cannot be read (${oneLine(error.reason)}), so no board can be trusted: repair the file or its permissions.`;
    case 'boardUnreachable':
      return error.localNetwork
        ? `The board ${board} cannot be reached (${oneLine(error.reason)}): check that it is on and its address, and allow Fieldtune, or the terminal it runs in, under System Settings > Privacy & Security > Local Network.`
        : `The board ${board} cannot be reached (${oneLine(error.reason)}): check that it is on, its address, and that its SSH server runs.`;
    case 'hostKeyUnknown':
      return `This is the first contact with ${board} and nobody could be asked about its key: compare with the board's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), and if they agree add --accept-host-key ${oneLine(error.fingerprint)}`;
    case 'hostKeyRefused':
      return `The key ${oneLine(error.fingerprint)} of ${board} was not accepted, so nothing was sent: compare it with the board's own and try again.`;
    case 'hostKeyChanged':
      return `The key of ${board} has changed from ${oneLine(error.known)} to ${oneLine(error.fingerprint)}, which reflashing does and so does an impostor: if you know why, ${error.own ? `add --replace-host-key ${oneLine(error.known)} --accept-host-key ${oneLine(error.fingerprint)}` : `remove line ${error.line} of ${oneLine(error.file)} with ssh-keygen -R '${oneLine(error.host)}' -f '${oneLine(error.file)}' and connect again.`}`;
    case 'sshConfigBroken':
      return `The SSH configuration ${oneLine(error.file)} cannot be used (${error.line === null ? '' : `line ${error.line}: `}${oneLine(error.reason)}), so nobody was connected to: correct it and try again.`;
    case 'boardIsAnother':
      return `At ${oneLine(error.address)} there is now ${oneLine(error.foundName)}, and last time it was ${oneLine(error.expectedName)}, so nothing was measured or changed there: give the address of ${oneLine(error.expectedName)} (see fieldtune boards), or take the other one with --accept-board ${oneLine(error.foundId)}`;
    case 'authenticationFailed':
      return `The board ${board} refused the sign-in (tried: ${oneLine(error.tried.join(', ')) || 'nothing'}): give a key that it accepts with --identity FILE, or load it into your SSH agent.`;
    case 'serialPortBusy':
      return `The serial port ${oneLine(error.port)} is in use by another program: close the terminal or monitor that has it open (lsof ${oneLine(error.port)} names it), then try again.`;
    case 'serialPortDenied':
      return `The serial port ${oneLine(error.port)} may not be opened by you, since it belongs to a group that you are not in: run sudo usermod -aG dialout $USER (the group is uucp on Arch Linux), log out and in again, and try again.`;
    case 'serialPortMissing':
      return `The serial port ${oneLine(error.port)} is not there (${error.others.length === 0 ? 'no other is' : `there are: ${oneLine(error.others.join(', '))}`}): check that the board is plugged in, or give its port.`;
    case 'consoleNotReady':
      return consoleMessage(error);
    case 'consoleLoginFailed':
      return error.cause === 'refused'
        ? `The console of ${board} refused the sign-in${error.user === null ? '' : ` of ${oneLine(error.user)}`}: check the name and the password, then try again.`
        : `The console of ${board} asks who signs in and nobody could be asked: start the command in a terminal, or leave a shell open at the console.`;
    case 'boardUnsupported':
      return `The runner cannot work on ${board} because ${oneLine(error.missing)} is missing: use a 64-bit Linux with glibc 2.28 or newer.`;
    case 'boardDiskFull':
      return `The board ${board} has too little space in ${oneLine(error.folder)}: free at least ${formatBytes(error.neededBytes)} there and try again.`;
    case 'boardLost':
      return `The connection to ${board} was lost (${oneLine(error.reason)}): check its power and cable, then ${run === null ? 'try again' : `go on with fieldtune resume ${oneLine(run)}`}.`;
    case 'boardCorrupted':
      return `${oneLine(error.file)} arrived damaged on ${board} and was not used: try again, and check the cable or the board's storage if it happens again.`;
    case 'runnerFailed':
      return `The runner on ${board} failed (${oneLine(error.reason)}): try again, and look at the board's memory (dmesg) if it happens again.`;
    case 'boardCommandFailed':
      return `The board ${board} could not ${oneLine(error.what)} (${oneLine(error.reason)}): check its permissions and its storage, then try again.`;
    case 'boardBusy':
      return `The board ${board} is at work on another job, and two at once would spoil each other's times: wait until that one is done, or stop it first.`;
    case 'boardTwice':
      return `${board} and ${oneLine(error.other)} are the same board, which cannot be timed twice at once: leave one of them out, or if they are two that were cloned from one image, write a name of its own into ~/.fieldtune/board-id on each.`;
    case 'deployPath':
    case 'deployUnmanaged':
    case 'deployLocked':
    case 'deployOtherBoard':
    case 'deployTrialRejected':
    case 'deployNoGain':
    case 'deploySmokeFailed':
    case 'deployRolledBack':
    case 'deployNoWayBack':
    case 'deployChanged':
      return deployMessage(error);
    case 'trialRefused':
    case 'trialEmpty':
    case 'trialUnknown':
    case 'trialDecided':
      return trialMessage(error);
    default:
      return requestMessage(error);
  }
}

function consoleMessage(error: Extract<AppError, { kind: 'consoleNotReady' }>): string {
  const board = oneLine(error.board);
  const said = error.said === '' ? '' : `, it shows: ${oneLine(error.said)}`;
  switch (error.found) {
    case 'silence':
      return `Nothing answers at the console of ${board}: check that the board is on, that its transmit and receive lines are not swapped, and the speed (?baud=N).`;
    case 'garbage':
      return `The console of ${board} shows no text, as at a wrong speed: give the board's own with ?baud=N.`;
    case 'bootLoader':
      return `The board ${board} stands at its boot loader, where nothing was typed${said}: let it boot, then try again.`;
    case 'booting':
      return `The console of ${board} went on printing for longer than a boot takes${said}: wait until it is quiet, then try again.`;
    case 'otherProgram':
      return `Another program stands at the console of ${board} and was left alone${said}: end it there, then try again.`;
    case 'badLine':
      return `The line to ${board} loses too much to be worked with: check the cable and its ground, or use a lower speed on both sides.`;
    default:
      return assertNever(error.found);
  }
}

function requestMessage(error: RequestError): string {
  switch (error.kind) {
    case 'usage':
      return error.value === ''
        ? `${oneLine(error.option)} needs a value: give ${oneLine(error.expected)}.`
        : `${oneLine(error.option)} cannot be ${oneLine(error.value)}: give ${oneLine(error.expected)}.`;
    case 'outputExists':
      return `${oneLine(error.path)} is there already and is not empty, and nothing is overwritten: choose another folder with --out, or remove it.`;
    case 'diskFull':
      return `${oneLine(error.path)} could not be written because the disk is full: free some space and try again.`;
    case 'notWritable':
      return `${oneLine(error.path)} cannot be written (${oneLine(error.reason)}): choose another place or change its permissions.`;
    case 'sourceChanged':
      return `${oneLine(error.path)} changed while it was being sent, so nothing of it was used: try again when nothing writes to it.`;
    case 'runUnknown':
      return `There is no run ${oneLine(error.run)} here: see fieldtune history for those there are.`;
    case 'runFinished':
      return `Run ${oneLine(error.run)} is finished, so there is nothing to continue: see fieldtune history for its result, or start a new one with fieldtune optimize.`;
    case 'runHasNoFront':
      return `Run ${oneLine(error.run)} has no front to choose from (it is not finished, found nothing that could be chosen, or is from before fronts were kept): choose another run of fieldtune history, or start a new one with fieldtune optimize.`;
    case 'inputChanged':
      return `${oneLine(error.path)} has changed since run ${oneLine(error.run)} began, so what was measured does not hold for it: restore the file, or start a new run with fieldtune optimize.`;
    case 'modelsDiffer':
      return `${oneLine(error.pathA)} and ${oneLine(error.pathB)} cannot be compared (${oneLine(error.reason)}): give two models with the same inputs and outputs.`;
    case 'runInUse':
      return `Run ${oneLine(error.run)} is at work in another Fieldtune (process ${error.pid}): wait until it is done, or stop that one first.`;
    case 'storeUnreadable':
      return `The history in ${oneLine(error.path)} cannot be read (${oneLine(error.reason)}): restore it from a backup, or move the file away to begin a new one.`;
    case 'storeFromFuture':
      return `The history in ${oneLine(error.path)} was written by a newer Fieldtune (version ${error.version}, this one knows ${error.known}) and was left untouched: update Fieldtune.`;
    case 'storeBusy':
      return `The history in ${oneLine(error.path)} is in use by another Fieldtune: wait until that one is done and try again.`;
    case 'engineDied':
      return `The engine process ended unexpectedly (${oneLine(error.reason)}): try again, with more free memory or a smaller model if it happens again.`;
    case 'cancelled':
      return 'Stopped as asked; nothing unfinished was written as a result.';
    case 'internal':
      return `Fieldtune met a bug of its own: please report it with the log entry ${oneLine(error.logId)}.`;
    default:
      return assertNever(error);
  }
}
