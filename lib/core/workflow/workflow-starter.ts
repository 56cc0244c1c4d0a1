/** Starts workflows; Step Functions on AWS, the local facade elsewhere. */
export interface WorkflowStarter {
  /**
   * Starts an execution by name. The same name again is the same request: it throws nothing and starts
   * nothing. Throws ThrottledError or UnavailableError when the service does not take it.
   */
  start(workflow: string, executionName: string, input: object): Promise<void>;
}
