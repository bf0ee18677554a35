// What a person is asked while a board lets them in. Nothing here ever carries an answer.

/** The person has to say whether a key is the board's own. */
export interface HostKeyQuestion {
  readonly kind: 'hostKey';
  readonly board: string;
  readonly fingerprint: string;
}

/** What a person alone knows; `failedTries` counts the answers of this connect that were not right. */
export type SignInQuestion =
  | {
      readonly kind: 'password';
      readonly board: string;
      readonly user: string;
      readonly failedTries: number;
    }
  /** An empty answer goes on without this key. */
  | {
      readonly kind: 'passphrase';
      readonly board: string;
      /** Private key file on this computer. */
      readonly file: string;
      readonly failedTries: number;
    }
  /** What the board itself wants to know; all of it is foreign text. */
  | {
      readonly kind: 'keyboardInteractive';
      readonly board: string;
      readonly user: string;
      readonly name: string;
      readonly instructions: string;
      readonly prompts: readonly SignInPrompt[];
      readonly failedTries: number;
    };

/** One line that the board wants an answer to; without `echo` the answer is hidden while it is typed. */
export interface SignInPrompt {
  readonly text: string;
  readonly echo: boolean;
}

/**
 * Asks a person; the answers come one for a prompt, in their order (a password or passphrase alone), and null when
 * the person cancelled. They are secrets: nobody stores, logs or shows them.
 */
export type AskSignIn = (question: SignInQuestion) => Promise<readonly string[] | null>;
