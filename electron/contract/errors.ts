/** What can be wrong with a model file. `path` is the file as the user named it. */
export type ModelError =
  | { readonly kind: 'modelMissing'; readonly path: string; readonly reason: string }
  | { readonly kind: 'modelNotOnnx'; readonly path: string }
  | { readonly kind: 'modelTruncated'; readonly path: string }
  | {
      readonly kind: 'modelTooLarge';
      readonly path: string;
      readonly sizeBytes: number;
      readonly limitBytes: number;
    }
  | { readonly kind: 'modelCyclic'; readonly path: string; readonly operator: string }
  | { readonly kind: 'modelBroken'; readonly path: string; readonly reason: string }
  | { readonly kind: 'modelExternalData'; readonly path: string; readonly tensor: string }
  | {
      readonly kind: 'modelOpset';
      readonly path: string;
      readonly opset: number;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'modelUnknownOperator';
      readonly path: string;
      readonly operator: string;
      readonly type: string;
    }
  | {
      readonly kind: 'modelDynamicShape';
      readonly path: string;
      readonly input: string;
      readonly shape: readonly (number | string)[];
    }
  | { readonly kind: 'modelInputType'; readonly path: string; readonly input: string; readonly type: string }
  | { readonly kind: 'modelNoFloatOperator'; readonly path: string }
  | { readonly kind: 'modelFailsToRun'; readonly path: string; readonly reason: string };

/** What can be wrong with a data folder or file. */
export type DataError =
  | { readonly kind: 'dataMissing'; readonly path: string; readonly reason: string }
  | { readonly kind: 'dataUnreadable'; readonly path: string; readonly reason: string }
  | {
      readonly kind: 'dataShape';
      readonly path: string;
      readonly expected: readonly number[];
      readonly actual: readonly number[];
    }
  | { readonly kind: 'dataNotFinite'; readonly path: string; readonly array: string; readonly count: number }
  | { readonly kind: 'dataLabels'; readonly path: string; readonly label: number; readonly classes: number }
  | { readonly kind: 'dataTooFew'; readonly path: string; readonly samples: number; readonly needed: number };

/** What can go wrong between the laptop and a board. */
export type BoardError =
  | { readonly kind: 'boardAddress'; readonly address: string; readonly reason: string }
  | {
      readonly kind: 'boardUnreachable';
      readonly board: string;
      readonly reason: string;
      /** On macOS it may also be that the app must not reach the local network. */
      readonly localNetwork?: true;
    }
  | { readonly kind: 'hostKeyUnknown'; readonly board: string; readonly fingerprint: string }
  | { readonly kind: 'hostKeyRefused'; readonly board: string; readonly fingerprint: string }
  | {
      readonly kind: 'hostKeyChanged';
      readonly board: string;
      /** What stands for the host in the file: `host`, or `[host]:port`. */
      readonly host: string;
      readonly fingerprint: string;
      readonly known: string;
      readonly file: string;
      /** Line of the file, from 1. */
      readonly line: number;
      /** The file is Fieldtune's own; otherwise OpenSSH's, which is only read. */
      readonly own: boolean;
    }
  | { readonly kind: 'knownHostsUnreadable'; readonly file: string; readonly reason: string }
  /** `line` from 1; null: the whole file. */
  | {
      readonly kind: 'sshConfigBroken';
      readonly file: string;
      readonly line: number | null;
      readonly reason: string;
    }
  | { readonly kind: 'authenticationFailed'; readonly board: string; readonly tried: readonly string[] }
  /** Another board answers at the address than the one that was met last there. */
  | {
      readonly kind: 'boardIsAnother';
      readonly address: string;
      readonly expectedName: string;
      readonly foundName: string;
      readonly foundId: string;
    }
  /** Another program has the port open. */
  | { readonly kind: 'serialPortBusy'; readonly port: string }
  | { readonly kind: 'serialPortDenied'; readonly port: string }
  /** `others`: ports that are there. */
  | {
      readonly kind: 'serialPortMissing';
      readonly port: string;
      readonly others: readonly string[];
    }
  /** No shell was reached; `found` is what stands at the console, `said` its last line. */
  | {
      readonly kind: 'consoleNotReady';
      readonly board: string;
      readonly found: ConsoleObstacle;
      readonly said: string;
    }
  /** The console refused the password, or nobody could be asked for what it wants. */
  | {
      readonly kind: 'consoleLoginFailed';
      readonly board: string;
      readonly user: string | null;
      readonly cause: 'refused' | 'nobodyToAsk';
    }
  | { readonly kind: 'boardUnsupported'; readonly board: string; readonly missing: string }
  | {
      readonly kind: 'boardDiskFull';
      readonly board: string;
      readonly folder: string;
      readonly neededBytes: number;
    }
  | { readonly kind: 'boardLost'; readonly board: string; readonly reason: string }
  | { readonly kind: 'boardCorrupted'; readonly board: string; readonly file: string }
  | { readonly kind: 'runnerFailed'; readonly board: string; readonly reason: string }
  /** A command on the board did not do what was needed; `what` as in "could not …". */
  | {
      readonly kind: 'boardCommandFailed';
      readonly board: string;
      readonly what: string;
      readonly reason: string;
    }
  /** Another job of this app is at work on the board: two at once would spoil each other's times. */
  | { readonly kind: 'boardBusy'; readonly board: string; readonly job: string }
  /** Two addresses of one run lead to the same board, which cannot be timed twice at once. */
  | { readonly kind: 'boardTwice'; readonly board: string; readonly other: string };

/** What stands at a serial console in place of a shell. */
export type ConsoleObstacle =
  /** Nothing answers at all. */
  | 'silence'
  /** Bytes that are no text, as with another speed. */
  | 'garbage'
  | 'bootLoader'
  /** It went on printing for longer than a boot takes. */
  | 'booting'
  | 'otherProgram'
  /** Lines do not get through whole. */
  | 'badLine';

/** What can keep a model from being put on a board, or taken back. `path` is the one on the board. */
export type DeployError =
  | {
      readonly kind: 'deployPath';
      readonly board: string;
      readonly path: string;
      readonly problem:
        | 'folderMissing'
        | 'directory'
        | 'foreignLink'
        | 'special'
        | 'readOnly'
        | 'notWritable'
        /** Asked to roll back or to give back what Fieldtune does not manage. */
        | 'notManaged';
    }
  /** A plain file lies there, and nobody agreed to Fieldtune managing it. */
  | { readonly kind: 'deployUnmanaged'; readonly board: string; readonly path: string }
  | {
      readonly kind: 'deployLocked';
      readonly board: string;
      readonly path: string;
      /** `user@computer`; empty where the lock does not tell. */
      readonly holder: string;
      /** ISO 8601; empty where the lock does not tell. */
      readonly since: string;
      readonly quietSeconds: number;
      /** Whether it may be broken by who asks for it. */
      readonly breakable: boolean;
    }
  | {
      readonly kind: 'deployOtherBoard';
      readonly board: string;
      readonly run: string;
      readonly measuredOn: string;
    }
  /** The latest trial of the model on this board was rejected, and nobody said that it is to be there all the same. */
  | {
      readonly kind: 'deployTrialRejected';
      readonly board: string;
      readonly path: string;
      readonly trial: string;
      /** Who rejected it, when (ISO 8601), and what they wrote beside it; may be empty. */
      readonly by: string;
      readonly at: string;
      readonly note: string;
    }
  /** Nothing to deploy: the run did not find a faster model. */
  | { readonly kind: 'deployNoGain'; readonly run: string }
  /** Not switched: the board did not run the new model as this computer did. */
  | {
      readonly kind: 'deploySmokeFailed';
      readonly board: string;
      readonly path: string;
      readonly reason: string;
    }
  /** Switched, and switched back because of the service. `healthy`: it is well again with the model before. */
  | {
      readonly kind: 'deployRolledBack';
      readonly board: string;
      readonly path: string;
      readonly step: 'restart' | 'health' | 'load';
      readonly reason: string;
      /** Hash of the model that is active now; null where there was none before. */
      readonly active: string | null;
      readonly healthy: boolean;
    }
  /** Refused before anything was switched. */
  | {
      readonly kind: 'deployNoWayBack';
      readonly board: string;
      readonly path: string;
      readonly problem: 'none' | 'missing' | 'damaged';
      /** Empty where there is none. */
      readonly sha256: string;
    }
  /** The path is not what it was a moment ago, or somebody else took over: nothing was switched. */
  | { readonly kind: 'deployChanged'; readonly board: string; readonly path: string };

/** What can be wrong with what the user asked for, or with this computer. */
export type RequestError =
  | { readonly kind: 'usage'; readonly option: string; readonly value: string; readonly expected: string }
  | { readonly kind: 'outputExists'; readonly path: string }
  | { readonly kind: 'diskFull'; readonly path: string }
  | { readonly kind: 'notWritable'; readonly path: string; readonly reason: string }
  /** A file became shorter or longer while it was being sent. */
  | { readonly kind: 'sourceChanged'; readonly path: string }
  | { readonly kind: 'runUnknown'; readonly run: string }
  | { readonly kind: 'runFinished'; readonly run: string }
  /** It is not finished, found nothing that could be chosen, or is from before fronts were kept. */
  | { readonly kind: 'runHasNoFront'; readonly run: string }
  /** The model or the data of an interrupted run is not what it was when the run began. */
  | { readonly kind: 'inputChanged'; readonly run: string; readonly path: string }
  /** Two models that take or give different things cannot be compared. */
  | {
      readonly kind: 'modelsDiffer';
      readonly pathA: string;
      readonly pathB: string;
      readonly reason: string;
    }
  /** Another living process works on this run. */
  | { readonly kind: 'runInUse'; readonly run: string; readonly pid: number }
  | { readonly kind: 'storeUnreadable'; readonly path: string; readonly reason: string }
  | {
      readonly kind: 'storeFromFuture';
      readonly path: string;
      readonly version: number;
      readonly known: number;
    }
  | { readonly kind: 'storeBusy'; readonly path: string }
  | { readonly kind: 'engineDied'; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'internal'; readonly logId: string };

/** What can go wrong with a trial of B in A's shadow. */
export type TrialError =
  /** The folders cannot be worked with. */
  | {
      readonly kind: 'trialRefused';
      readonly board: string;
      readonly folder: string;
      readonly reason: string;
    }
  /** Not one input; `example` is one of those that could not be used. */
  | {
      readonly kind: 'trialEmpty';
      readonly board: string;
      readonly folder: string;
      readonly malformed: number;
      readonly example: string;
    }
  | { readonly kind: 'trialUnknown'; readonly trial: string }
  /** A person has decided on it already. */
  | { readonly kind: 'trialDecided'; readonly trial: string; readonly state: string; readonly by: string };

/** Every expected failure of the app; the wording lives in the faces. */
export type AppError = ModelError | DataError | BoardError | DeployError | RequestError | TrialError;
