// Functions written for the Flex Project Template look for their wrappers here.
export * from "@offhook/helpers";
