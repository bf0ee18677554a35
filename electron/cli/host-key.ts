import { oneLine } from './one-line.ts';

/** Asks a person at the terminal about a first contact; anything but an explicit yes is a no. */
export async function askHostKey(board: string, fingerprint: string, signal: AbortSignal): Promise<boolean> {
  const { confirm, note } = await import('@clack/prompts');
  note(
    `${oneLine(fingerprint)}\nOn the board: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`,
    `First connection to ${oneLine(board)}`,
  );
  const answer = await confirm({
    message: 'Is this the fingerprint that the board itself shows?',
    active: 'Yes, trust and connect',
    inactive: 'No, cancel',
    initialValue: false,
    signal,
  });
  return answer === true;
}
