import { open } from 'node:fs/promises';

/** Makes it last that files were made, renamed or deleted here: a file's own fsync says nothing about its name. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch((error: unknown) => {
    // Windows opens no directories, and needs no such call.
    if (process.platform === 'win32') return null;
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ENOENT';
}
