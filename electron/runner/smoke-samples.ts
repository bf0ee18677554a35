/** First argument that makes the runner's program try one model file and end. */
export const smokeFlag = '--smoke';
/** First argument that makes the runner's program tell who the board is and end. */
export const identityFlag = '--identity';

/** What a smoke run came to, printed as one line of JSON. */
export type SmokeReply =
  | {
      readonly ok: true;
      readonly samples: number;
      /** Largest absolute difference between an output and the one expected. */
      readonly largestDifference: number;
      /** Largest over the samples of ‖output − expected‖ / ‖expected‖. */
      readonly relativeError: number;
      /** Median time of a call, microseconds. */
      readonly medianUs: number;
    }
  | { readonly ok: false; readonly reason: string };

/** Samples with what a model has to make of them: one call's inputs and outputs each, float32 LE in the order of the model's. */
export interface SmokeSamples {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** Packs samples: uint32 LE length of a JSON header, the header, then inputs and outputs sample by sample. */
export function packSmokeSamples({ inputs, outputs }: SmokeSamples): Uint8Array {
  const header = Buffer.from(
    JSON.stringify({
      samples: inputs.length,
      inputBytes: inputs[0]?.length ?? 0,
      outputBytes: outputs[0]?.length ?? 0,
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const pairs = inputs.flatMap((input, index) => [input, outputs[index] ?? new Uint8Array(0)]);
  return Buffer.concat([length, header, ...pairs]);
}

/** Unpacks samples. Throws when the file is cut or something else. */
export function unpackSmokeSamples(bytes: Uint8Array): SmokeSamples {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = 4 + buffer.readUInt32LE(0);
  // Written by `packSmokeSamples`, and compared by its sha256 after the upload.
  const { samples, inputBytes, outputBytes } = JSON.parse(buffer.toString('utf8', 4, headerEnd)) as {
    readonly samples: number;
    readonly inputBytes: number;
    readonly outputBytes: number;
  };
  if (buffer.length !== headerEnd + samples * (inputBytes + outputBytes))
    throw new Error('The samples are cut');
  const at = (index: number): number => headerEnd + index * (inputBytes + outputBytes);
  const indices = Array.from({ length: samples }, (_, index) => index);
  return {
    // Copies: floats are read from the beginning of what they lie in.
    inputs: indices.map((index) => new Uint8Array(buffer.subarray(at(index), at(index) + inputBytes))),
    outputs: indices.map((index) => new Uint8Array(buffer.subarray(at(index) + inputBytes, at(index + 1)))),
  };
}
