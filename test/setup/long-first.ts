import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes although they are short: begun last, one worker would wait for them alone. */
const long = ['test/window/person-path.test.ts'];

/** The usual order, but for the files that are known to take longest: those come first. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.some((name) => moduleId.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
