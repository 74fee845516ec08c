// Functions written for the Flex Project Template look for it here.
export * from "@offhook/helpers";
