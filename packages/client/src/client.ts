/** The package's entry: the commands for authors use it. */
export const clientName = "offhook";
