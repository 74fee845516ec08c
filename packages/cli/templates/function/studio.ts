import { prepareStudioFunction } from "@offhook/helpers";

const requiredParameters: string[] = [];

export const handler = prepareStudioFunction(
  requiredParameters,
  async (context, event, callback, response, handleError) => {
    try {
      response.setBody({ success: true });
      return callback(null, response);
    } catch (error) {
      return handleError(error);
    }
  },
);
