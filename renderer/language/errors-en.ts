import { deployErrorsEn } from './errors-deploy-en.ts';
import { type ErrorTable, errorText as say, shapeText } from './errors-table.ts';
import { trialErrorsEn } from './errors-trial-en.ts';

/** Failures in English. */
export const errorsEn: ErrorTable = {
  modelMissing: ({ path, reason }) =>
    say(
      `The model ${path} cannot be read`,
      `The system says: ${reason}.`,
      'Check that the file is there and that you may read it, or choose another.',
    ),
  modelNotOnnx: ({ path }) =>
    say(
      `${path} is not an ONNX model`,
      'The content of the file is something else, whatever its name says.',
      'Export the model to ONNX and choose that file.',
    ),
  modelTruncated: ({ path }) =>
    say(
      `The model ${path} ends in the middle`,
      'This happens when a download or a copy was broken off.',
      'Fetch or export the file again.',
    ),
  modelTooLarge: ({ path, sizeBytes, limitBytes }, { bytes }) =>
    say(
      `The model ${path} was not opened`,
      `It has ${bytes(sizeBytes)}, and the limit is ${bytes(limitBytes)}.`,
      'Choose a smaller model.',
    ),
  modelCyclic: ({ path, operator }) =>
    say(
      `The model ${path} cannot run`,
      `Its graph goes in a circle through the operator ${operator}.`,
      'Export the model again.',
    ),
  modelBroken: ({ path, reason }) =>
    say(
      `The model ${path} is not well-formed`,
      `The check says: ${reason}.`,
      'Export the model again, and check the file with onnx.checker.',
    ),
  modelExternalData: ({ path, tensor }) =>
    say(
      `The model ${path} is not complete in one file`,
      `It keeps the tensor ${tensor} in another file, and Fieldtune opens single files only.`,
      'Save it as one file: onnx.save with save_as_external_data=False.',
    ),
  modelOpset: ({ path, opset, from, to }) =>
    say(
      `The model ${path} uses opset ${opset}`,
      `Fieldtune works with opsets ${from} to ${to}.`,
      'Convert the model with onnx.version_converter.',
    ),
  modelUnknownOperator: ({ path, operator, type }) =>
    say(
      `The model ${path} uses an unknown operator`,
      `onnxruntime has no operator of type ${type} (node ${operator}).`,
      'Export the model with standard ONNX operators only.',
    ),
  modelDynamicShape: ({ path, input, shape }) =>
    say(
      `The model ${path} leaves a shape open`,
      `Its input ${input} has the shape ${shapeText(shape)}, and only a fixed shape can be timed.`,
      'Fix the shape with onnxruntime.tools.make_dynamic_shape_fixed.',
    ),
  modelInputType: ({ path, input, type }) =>
    say(
      `The model ${path} takes inputs of an unsupported type`,
      `Its input ${input} is ${type}, and only float32 is supported.`,
      'Export the model with a float32 input.',
    ),
  modelNoFloatOperator: ({ path }) =>
    say(
      `The model ${path} has nothing to replace`,
      'It has no float32 operator; a quantized model, for example, has none.',
      'Choose the float model from which it was made.',
    ),
  modelFailsToRun: ({ path, reason }) =>
    say(
      `The model ${path} does not run on the board`,
      `The runtime says: ${reason}.`,
      'Check that onnxruntime runs the model there, or export it again.',
    ),

  dataMissing: ({ path, reason }) =>
    say(
      `The data ${path} is not complete`,
      `What is missing: ${reason}.`,
      'Choose a folder with dataset.json, fit and verify (.npz files or folders of images), or one .npz file.',
    ),
  dataUnreadable: ({ path, reason }) =>
    say(
      `The data ${path} cannot be read`,
      `The reason given: ${reason}.`,
      'Check the file, or write it again.',
    ),
  dataShape: ({ path, expected, actual }) =>
    say(
      `The data ${path} does not fit the model`,
      `The model takes samples of ${shapeText(expected)}; these are ${shapeText(actual)}.`,
      'Choose data of that shape, or correct the preprocessing in dataset.json.',
    ),
  dataNotFinite: ({ path, array, count: values }, { count }) =>
    say(
      `The data ${path} has values that are no numbers`,
      `In the array ${array}, ${count(values)} values are NaN or infinite.`,
      'Remove or replace those samples.',
    ),
  dataLabels: ({ path, label, classes }) =>
    say(
      `The data ${path} has a label that the model does not know`,
      `The label is ${label}, and the model's classes are 0 to ${classes - 1}.`,
      'Correct the labels.',
    ),
  dataTooFew: ({ path, samples, needed }, { count }) =>
    say(
      `The data ${path} has too few samples`,
      `There are ${count(samples)}, and at least ${count(needed)} are needed.`,
      'Add more samples.',
    ),

  boardAddress: ({ address, reason }) =>
    say(
      `The address ${address} cannot be used`,
      `What is wrong with it: ${reason}.`,
      'Type ssh://user@host, with :port at the end if it is not 22, or serial:/dev/ttyUSB0 for a serial console.',
    ),
  boardUnreachable: ({ board, reason, localNetwork }) =>
    say(
      `The board ${board} cannot be reached`,
      `The network says: ${reason}.`,
      localNetwork
        ? 'Check that the board is on and its address is right, and allow Fieldtune under System Settings › Privacy & Security › Local Network.'
        : 'Check that the board is on, that its address is right, and that its SSH server runs.',
    ),
  hostKeyUnknown: ({ board, fingerprint }) =>
    say(
      `The board ${board} is not trusted yet`,
      `This is the first contact, and nobody has accepted its key ${fingerprint}. Nothing was sent to it.`,
      'Compare the key with the one that the board itself shows, then connect again.',
    ),
  hostKeyRefused: ({ board, fingerprint }) =>
    say(
      `The key of ${board} was not accepted`,
      `It showed ${fingerprint}, which is revoked or is not the key that was agreed to. Nothing was sent to it.`,
      'Compare the key with the one that the board itself shows, then connect again.',
    ),
  hostKeyChanged: ({ board, host, fingerprint, known, file, line, own }) =>
    say(
      `The key of ${board} has changed`,
      `It was ${known} and is now ${fingerprint}. Reflashing does this; so does an impostor.`,
      own
        ? `If you know why it changed, replace the key and connect again. The key is in line ${line} of ${file}.`
        : `If you know why it changed, remove line ${line} of ${file}, which Fieldtune only reads, with: ssh-keygen -R '${host}' -f '${file}'`,
    ),
  knownHostsUnreadable: ({ file, reason }) =>
    say(
      'No board can be trusted now',
      `The list of known boards ${file} cannot be read: ${reason}.`,
      'Repair the file or its permissions, then connect again.',
    ),
  sshConfigBroken: ({ file, line, reason }) =>
    say(
      'The SSH configuration cannot be used',
      line === null ? `${file}: ${reason}.` : `${file}, line ${line}: ${reason}.`,
      'Correct it and connect again.',
    ),
  boardIsAnother: ({ address, expectedName, foundName, foundId }) =>
    say(
      `Another board is at ${address}`,
      `Now it is ${foundName} (id ${foundId}), and last time it was ${expectedName}. Nothing was measured or changed there.`,
      `Connect ${expectedName} under the address that it has now, or take ${foundName} into use in Boards.`,
    ),
  authenticationFailed: ({ board, tried }) =>
    say(
      `The board ${board} refused the sign-in`,
      `Tried without success: ${tried.join(', ') || 'nothing, for there was no key to try'}.`,
      'Choose a private key file that the board accepts, or add the key to your SSH agent with ssh-add.',
    ),
  serialPortBusy: ({ port }) =>
    say(
      `The serial port ${port} is in use`,
      'Another program has it open.',
      'Close the terminal or monitor that has it open, then try again.',
    ),
  serialPortDenied: ({ port }) =>
    say(
      `You may not open the serial port ${port}`,
      'It belongs to a group that you are not in.',
      'Run sudo usermod -aG dialout $USER (the group is uucp on Arch Linux), log out and in again, then try again.',
    ),
  serialPortMissing: ({ port, others }) =>
    say(
      `The serial port ${port} is not there`,
      others.length === 0 ? 'No other port is there either.' : `There are: ${others.join(', ')}.`,
      'Plug the board in, or choose its port.',
    ),
  consoleNotReady: ({ board, found, said }) =>
    say(
      {
        silence: `Nothing answers at the console of ${board}`,
        garbage: `The console of ${board} shows no text`,
        bootLoader: `The board ${board} stands at its boot loader`,
        booting: `The console of ${board} went on printing for longer than a boot takes`,
        otherProgram: `Another program stands at the console of ${board}`,
        badLine: `The line to ${board} loses too much`,
      }[found],
      said === ''
        ? 'Nothing was changed on the board.'
        : `It shows: ${said}. Nothing was changed on the board.`,
      {
        silence:
          'Check that the board is on, that its transmit and receive lines are not swapped, and the speed (?baud=N).',
        garbage: "Give the board's own speed with ?baud=N at the end of the address.",
        bootLoader: 'Let it boot, then try again. Fieldtune types nothing at a boot loader.',
        booting: 'Wait until it is quiet, then try again.',
        otherProgram: 'End it there, then try again.',
        badLine: 'Check the cable and its ground, or use a lower speed on both sides.',
      }[found],
    ),
  consoleLoginFailed: ({ board, user, cause }) =>
    cause === 'refused'
      ? say(
          `The console of ${board} refused the sign-in`,
          user === null ? 'The name or the password is wrong.' : `The password of ${user} is wrong.`,
          'Check the name and the password, then try again.',
        )
      : say(
          `The console of ${board} asks who signs in`,
          'Nobody could be asked.',
          'Connect from the window or a terminal, or leave a shell open at the console.',
        ),
  boardUnsupported: ({ board, missing }) =>
    say(
      `The runner cannot work on ${board}`,
      `What is missing there: ${missing}.`,
      'Use a 64-bit Linux with glibc 2.28 or newer.',
    ),
  boardDiskFull: ({ board, folder, neededBytes }, { bytes }) =>
    say(
      `The board ${board} has too little space`,
      `${folder} there needs ${bytes(neededBytes)} of free space.`,
      'Free that much on the board and connect again.',
    ),
  boardLost: ({ board, reason }) =>
    say(
      `The connection to ${board} was lost`,
      `The reason given: ${reason}.`,
      'Check its power and cable, then try again. A run goes on from where it was when you resume it.',
    ),
  boardCorrupted: ({ board, file }) =>
    say(
      `A file arrived damaged on ${board}`,
      `${file} is not what was sent, and it was not used.`,
      "Try again. If it happens again, check the cable or the board's storage.",
    ),
  runnerFailed: ({ board, reason }) =>
    say(
      `The runner on ${board} failed`,
      `It ended with: ${reason}.`,
      "Try again. If it happens again, look at the board's memory (dmesg shows whether it ran out).",
    ),
  boardCommandFailed: ({ board, what, reason }) =>
    say(
      `The board ${board} could not ${what}`,
      `It said: ${reason}.`,
      'Check its permissions and its storage, then try again.',
    ),
  boardBusy: ({ board }) =>
    say(
      `The board ${board} is at work`,
      "Another job runs there, and two at once would spoil each other's times.",
      'Wait until that job is done, or stop it first.',
    ),
  boardTwice: ({ board, other }) =>
    say(
      `${board} and ${other} are the same board`,
      'A board cannot be timed twice at once.',
      'Leave one of them out; if they are two that were cloned from one image, write a name of its own into ~/.fieldtune/board-id on each.',
    ),

  ...trialErrorsEn,
  ...deployErrorsEn,

  usage: ({ option, value, expected }) =>
    say(
      value === '' ? `${option} has no value` : `${option} cannot be ${value}`,
      'The value is not one that Fieldtune can work with.',
      `Give ${expected}.`,
    ),
  outputExists: ({ path }) =>
    say(
      `${path} is there already`,
      'The folder is not empty, and nothing is overwritten.',
      'Choose another folder, or remove this one.',
    ),
  diskFull: ({ path }) =>
    say(
      `${path} could not be written`,
      'The disk of this computer is full.',
      'Free some space and try again.',
    ),
  notWritable: ({ path, reason }) =>
    say(
      `${path} cannot be written`,
      `The system says: ${reason}.`,
      'Choose another place, or change its permissions.',
    ),
  sourceChanged: ({ path }) =>
    say(
      `${path} changed while it was being sent`,
      'Something writes to it, and nothing of it was used.',
      'Try again when nothing writes to it any more.',
    ),
  runUnknown: ({ run }) =>
    say(
      `There is no run ${run}`,
      'It was removed for good, or the link is from another computer.',
      'Choose a run in History.',
    ),
  runFinished: ({ run }) =>
    say(
      `The run ${run} is finished`,
      'There is nothing left of it to continue.',
      'See its result in History, or start a new run.',
    ),
  runHasNoFront: ({ run }) =>
    say(
      `The run ${run} has no front to choose from`,
      'It is not finished, found nothing that could be chosen, or is from before fronts were kept.',
      'Choose another run in History, or start a new one with the other limit.',
    ),
  inputChanged: ({ run, path }) =>
    say(
      `The run ${run} cannot go on`,
      `${path} has changed since the run began, so what was measured does not hold for it.`,
      'Restore the file, or start a new run.',
    ),
  modelsDiffer: ({ pathA, pathB, reason }) =>
    say(
      `${pathA} and ${pathB} cannot be compared`,
      `They differ in what they take or give: ${reason}.`,
      'Choose two models with the same inputs and outputs.',
    ),
  runInUse: ({ run, pid }) =>
    say(
      `The run ${run} is at work elsewhere`,
      `Another Fieldtune on this computer (process ${pid}) works on it.`,
      'Wait until that one is done, or stop it first.',
    ),
  storeUnreadable: ({ path, reason }) =>
    say(
      'The history cannot be read',
      `The file ${path} gives: ${reason}.`,
      'Restore the file from a backup, or move it away to begin a new history.',
    ),
  storeFromFuture: ({ path, version, known }) =>
    say(
      'The history was written by a newer Fieldtune',
      `${path} has version ${version}, and this Fieldtune knows ${known}. The file was left untouched.`,
      'Update Fieldtune.',
    ),
  storeBusy: ({ path }) =>
    say(
      'The history is in use',
      `Another Fieldtune writes to ${path}.`,
      'Wait until that one is done and try again.',
    ),
  engineDied: ({ reason }) =>
    say(
      'The engine ended unexpectedly',
      `The process that works on models stopped: ${reason}.`,
      'Try again. If it happens again, free some memory or choose a smaller model.',
    ),
  cancelled: () =>
    say(
      'Stopped',
      'Somebody asked for it. What was measured is kept; nothing unfinished was written as a result.',
      'Start again whenever you like.',
    ),
  internal: ({ logId }) =>
    say(
      'Fieldtune met a bug of its own',
      `The details are in its log, under ${logId}.`,
      'Try again, and please report it with that log entry.',
    ),
};
