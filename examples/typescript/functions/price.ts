import type { Context, ServerlessCallback } from "@twilio-labs/serverless-runtime-types/types";
import { isSize, Size } from "@shop/size";
import prices from "@shop/prices.json";
import type * as Money from "./money.private";

interface Parameters {
  size?: string;
}

export const handler = (context: Context, event: Parameters, callback: ServerlessCallback): void => {
  const size = event.size ?? Size.Small;
  if (!isSize(size)) {
    callback(`There is no size ${size}`);
    return;
  }
  const { inEuros } = require(Runtime.getFunctions()["money"].path) as typeof Money;
  callback(null, { size, price: inEuros(prices[size]) });
};
