export const wholeSeeds = (_d: any): any[] => [];
export { mutate as mutateWhole } from './proposals.ts';
