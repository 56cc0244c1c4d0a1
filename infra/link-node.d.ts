export declare const linkNode: (modules: string, system?: Pick<NodeJS.Process, "platform" | "arch">) => void;
