/** What stands at a console. */
export type ConsoleState =
  /** Asks for the user's name. */
  | 'login'
  | 'password'
  | 'shell'
  /** A shell waits for the rest of a command. */
  | 'continuation'
  | 'pager'
  /** The board's boot loader; what is typed there can change the board for good. */
  | 'bootLoader'
  /** A boot loader that counts down: any key would stop it. */
  | 'countdown'
  | 'booting'
  /** Nothing was shown. */
  | 'silence'
  | 'garbage'
  | 'other';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a countdown goes back over its number
const countdown = /hit any key|press any key|stop autoboot|autoboot in|\u0008+ *\d+ *$/i;
const bootMessage =
  /^\[ *\d+\.\d{6}\]|^\[ *(?:OK|FAILED|DEPEND|\*+) *\] |starting kernel|^U-Boot (?:SPL )?\d|^Booting |^NOTICE: +BL|uncompressing linux/i;
/** U-Boot's usual prompt, what vendors made of it, and other loaders; a bare word with `>` is taken for one of them. */
const bootLoader = /^(?:[\w().:-]+ ?)?=> ?$|^[\w().-]+> ?$|^barebox@.*[:>] ?$|^grub(?: rescue)?> ?$/i;
const login = /(?:^|[\s\w.-])login: ?$/i;
const password = /(?:password|passwort|passcode|mot de passe|contraseña|パスワード)[^:：]{0,40}[:：] ?$/iu;
const pager = /^--more--|^\(END\)|^lines \d+-\d+|^:$|^Manual page /i;
const continuation = /^(?:>|quote>|dquote>|cmdand>) ?$/;
/** `%` after a digit is progress, not a prompt; `>` needs a place in front of it. */
const shell = /(?:[#$❯»]|(?<!\d)%|[@~/].*>) ?$/u;
const otherPrompt = /^>>> ?$|^\w+>>> ?$|^ftp> ?$|^gdb/i;

const longestPromptChars = 200;

/** Says what stands at a console from what it showed last, escape sequences removed. */
export function consoleState(shown: string): ConsoleState {
  if (shown.trim() === '') return 'silence';
  if (isGarbage(shown)) return 'garbage';
  const lines = shown.split(/\r*\n|\r(?=[^\n])/);
  const last = (lines.at(-1) ?? '').replaceAll('\r', '');
  const recent = lines.filter((line) => line.trim() !== '').slice(-3);
  if (last.length <= longestPromptChars) {
    const prompt = last.trimStart();
    if (countdown.test(last)) return 'countdown';
    if (otherPrompt.test(prompt)) return 'other';
    if (continuation.test(prompt)) return 'continuation';
    if (bootLoader.test(prompt)) return 'bootLoader';
    if (password.test(prompt)) return 'password';
    if (login.test(prompt)) return 'login';
    if (pager.test(prompt.trimEnd())) return 'pager';
    if (shell.test(prompt)) return 'shell';
  }
  if (recent.some((line) => bootMessage.test(line.trimStart()))) return 'booting';
  return 'other';
}

/** Bytes that no console prints, as they come at another speed. */
function isGarbage(shown: string): boolean {
  if (shown.length < 4) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is counted
  const odd = shown.match(/[\u0000-\u0006\u000e-\u001a\u001c-\u001f\u0080-\u009f\ufffd]/g)?.length ?? 0;
  return odd / shown.length > 0.2;
}

/** The last line with anything on it, for a message. */
export function lastLine(shown: string): string {
  const lines = shown.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').trim().slice(-120);
}
