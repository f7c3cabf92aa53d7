/** A path that ffmpeg takes for a file of this name, whatever it begins with. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}
