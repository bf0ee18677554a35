/** Files that the service gives and takes over HTTP, relative to the page's origin. */
export const fileRoutes = {
  /** GET: a file of a run's folder: report.html, report.pdf, measurements.csv, result.json, optimized.onnx. */
  runFile: (run: string, name: string) => `/runs/${run}/${name}`,
  /**
   * POST, one file a request: body the bytes; answers `Result<{ path }, AppError>`, the path of the upload as a
   * whole on the laptop. Files of one folder share `upload` (a UUID) and differ in `name`, relative, with slashes.
   */
  upload: (what: 'model' | 'data', upload: string, name: string) =>
    `/uploads/${what}/${upload}?name=${encodeURIComponent(name)}`,
} as const;
