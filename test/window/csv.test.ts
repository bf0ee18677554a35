import { describe, expect, test } from 'vitest';
import { toCsv } from '../../renderer/parts/csv.ts';

describe('A table saved as CSV', () => {
  test('gives a spreadsheet no formula (fault 49)', () => {
    expect(toCsv([['=cmd', '+1', '-1', '@x', '\t=1']])).toBe("'=cmd,'+1,'-1,'@x,'\t=1\r\n");
  });

  test('keeps numbers as numbers, negative ones too, and nothing where there is none', () => {
    expect(toCsv([[-1.5, 0, null]])).toBe('-1.5,0,\r\n');
  });

  test('quotes what holds a comma, a quote or a new line', () => {
    expect(toCsv([['a,b', 'say "x"', 'two\nlines', 'plain']])).toBe(
      '"a,b","say ""x""","two\nlines",plain\r\n',
    );
  });

  test('quotes a formula with a comma after it was made text', () => {
    expect(toCsv([['=HYPERLINK("x","y")']])).toBe('"\'=HYPERLINK(""x"",""y"")"\r\n');
  });
});
