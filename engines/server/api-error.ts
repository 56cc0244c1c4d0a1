/**
 * An error of an AWS API that an engine serves; `name` is AWS's, and what the SDK's error classes are found
 * by.
 */
export class ApiError extends Error {
  /** Of HTTP. */
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export const validationError = (message: string): ApiError => new ApiError("ValidationException", message);
