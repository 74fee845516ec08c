// Functions written for the Flex Project Template load it from here.
export * from "@offhook/helpers";
