/** Every number and every text in a value, with the path to it. */
export function leavesOf(
  value: unknown,
  path = '',
): { readonly path: string; readonly leaf: number | string }[] {
  if (typeof value === 'number' || typeof value === 'string') return [{ path, leaf: value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${path}/${name}`));
}
