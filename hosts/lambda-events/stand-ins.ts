/** What events, ARNs and signatures say of region and account where there is no AWS. */
export const REGION = "us-east-1";
export const ACCOUNT = "000000000000";
