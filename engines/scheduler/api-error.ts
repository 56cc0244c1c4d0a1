const STATUS: Readonly<Record<string, number>> = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  ConflictException: 409,
};

/** An error of the Scheduler API; `name` is AWS's, and what the SDK's error classes are found by. */
export class ApiError extends Error {
  readonly status: number;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.status = STATUS[name] ?? 400;
  }
}

export const validationError = (message: string): ApiError => new ApiError("ValidationException", message);
