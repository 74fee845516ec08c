export { type Clock } from "./clock.ts";
export const helperVersion = 1;
