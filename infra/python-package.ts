import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The package is not available here, for a reason that is nobody's mistake. */
export class NoPythonPackageError extends Error {
  override readonly name = "NoPythonPackageError";
}

/**
 * Installs a package from PyPI, `name==version`, once, into a virtual environment of its own in `folder`.
 * Returns the folder with its programs. Raises NoPythonPackageError without Python 3.10 or without the
 * package.
 */
export const installPythonPackage = async (
  folder: string,
  specifier: string,
  program: string,
): Promise<string> => {
  const environment = join(folder, specifier.replace("==", "-"));
  const programs = join(environment, "bin");
  if (await exists(join(programs, program))) return programs;
  await mkdir(folder, { recursive: true });
  try {
    await run("python3", ["-c", "import sys, venv; assert sys.version_info >= (3, 10)"]);
    await run("python3", ["-m", "venv", environment]);
  } catch {
    throw new NoPythonPackageError("there is no Python 3.10 or newer with venv here");
  }
  try {
    const python = join(programs, "python");
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", specifier]);
  } catch (error) {
    throw new NoPythonPackageError(`${specifier} could not be installed from PyPI`, { cause: error });
  }
  return programs;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
