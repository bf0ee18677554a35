/** The last part of a path of either kind of system. */
export const lastPartOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
