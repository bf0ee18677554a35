/** Files that Vite puts beside the bundle and names by their address. */
declare module '*?url' {
  const url: string;
  // biome-ignore lint/style/noDefaultExport: this is how Vite gives it
  export default url;
}
