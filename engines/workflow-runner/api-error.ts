/** An error of the Step Functions API; `name` is AWS's, and what the SDK's error classes are found by. */
export class ApiError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const validationError = (message: string): ApiError => new ApiError("ValidationException", message);
