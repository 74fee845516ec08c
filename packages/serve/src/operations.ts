/** The package's entry for the commands of operators. They work whether or not a server runs. */
export { checkAccountSid, makeAuthToken, readAuthToken } from "./operator/account-input.ts";
export { createAccount, listAccounts, removeAccount, replaceAuthToken } from "./operator/accounts.ts";
export { createKey, listKeys, revokeKey } from "./operator/api-keys.ts";
export { restoreBackup, writeBackup } from "./operator/backup.ts";
export { withOffice, type Office } from "./operator/office.ts";
export { listAudit, listBuilds, listDomains, readBuild, readStatus } from "./operator/reports.ts";
export { reseal } from "./operator/reseal.ts";
export { listServices, setSettings, unsetSettings } from "./operator/services.ts";
