/** A file that the server serves as it is. */
export interface StaticFile {
  /** Below the base path, such as `assets/index-4f2a.js`; the empty string is the page itself. */
  readonly path: string;
  /** Its media type. */
  readonly type: string;
  /** Its bytes, gzipped. */
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** A page with what it loads, as `dashboard()` of `@jobq/server/dashboard` returns it. */
export interface StaticPage {
  /** Returns all files of the page; called at the first request for one. */
  readonly files: () => Promise<readonly StaticFile[]>;
}
