export enum Size {
  Small = "small",
  Large = "large",
}

export function isSize(value: unknown): value is Size {
  return Object.values(Size).includes(value as Size);
}
