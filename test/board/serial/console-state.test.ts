import { describe, expect, test } from 'vitest';
import { consoleState } from '../../../electron/board/serial/console-state.ts';
import { withoutEscapes } from '../../../electron/board/serial/dialogue.ts';

describe('what stands at a console', () => {
  test.each([
    ['raspberrypi login: ', 'login'],
    ['\r\nDebian GNU/Linux 12 imx8 ttymxc0\r\n\r\nimx8 login: ', 'login'],
    ['Password: ', 'password'],
    ["pi@10.0.0.7's password: ", 'password'],
    ['パスワード：', 'password'],
    ['Last login: Fri Nov 27 10:00:00 on ttyS0\r\nroot@board:~# ', 'shell'],
    ['$ ', 'shell'],
    ['/ # ', 'shell'],
    ['\u001b]0;pi@board: ~\u0007\u001b[01;32mpi@board\u001b[00m:\u001b[01;34m~ $\u001b[00m ', 'shell'],
    ['\u001b[?2004hpi@board:~$ ', 'shell'],
    ['pi@board ~> ', 'shell'],
    ['[root@board ~]# ', 'shell'],
    ['> ', 'continuation'],
    ['--More-- (12% of 100 bytes)', 'pager'],
    ['(END)', 'pager'],
    ['lines 1-23/120 (more)', 'pager'],
    ['U-Boot 2023.04 (Apr 01 2023)\r\n\r\nu-boot=> ', 'bootLoader'],
    ['=> ', 'bootLoader'],
    ['U-Boot> ', 'bootLoader'],
    ['ZynqMP> ', 'bootLoader'],
    ['STM32MP> ', 'bootLoader'],
    ['barebox@Board:/ ', 'other'],
    ['grub> ', 'bootLoader'],
    ['Hit any key to stop autoboot:  3 ', 'countdown'],
    ['Hit any key to stop autoboot:  3 \b\b\b 2 ', 'countdown'],
    ['\b\b\b 1 ', 'countdown'],
    ['[    1.234567] usb 1-1: new high-speed USB device\r\n', 'booting'],
    ['[  OK  ] Started OpenBSD Secure Shell server.\r\n', 'booting'],
    ['Starting kernel ...\r\n', 'booting'],
    ['Loading 45%', 'other'],
    ['>>> ', 'other'],
    ['top - 10:00:00 up 1 day\r\nTasks: 100 total', 'other'],
    ['', 'silence'],
    ['\r\n', 'silence'],
    ['\u0000\ufffd\u0002\ufffd\ufffd\u001f\ufffd', 'garbage'],
  ])('is told from %j: %s (fault 28)', (shown, state) => {
    expect(consoleState(withoutEscapes(shown))).toBe(state);
  });
});
