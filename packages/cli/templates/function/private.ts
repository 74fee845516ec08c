// Private: it has no URL. Other functions import it, or load it with require(Runtime.getFunctions()["{{name}}"].path).
export const greet = (name: string): string => `Hello, ${name}`;
