/** The package's entry for the commands of operators. They work whether or not a server runs. */
export { changeAuthToken, createAccount, removeAccount } from "./operators/accounts.ts";
export { restoreBackup, writeBackup } from "./operators/backup.ts";
export { onlyAccount, summarizeAccounts, summarizeKeys } from "./operators/key-reports.ts";
export { createKey, revokeKey } from "./operators/keys.ts";
export { withOffice, type Office } from "./operators/office.ts";
export { listAudit, listBuilds, listDomains, readBuild, readStatus } from "./operators/reports.ts";
export { reseal } from "./operators/reseal.ts";
export { listServices, setSettings, unsetSettings } from "./operators/services.ts";
