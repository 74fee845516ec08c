// Functions written for the Flex Project Template load their wrappers from here.
export * from "@offhook/helpers";
