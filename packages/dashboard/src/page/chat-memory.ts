/**
 * Keeps the conversation of this tab over a reload. The server has it in memory, because it may contain secrets and
 * browsers write their storage to the disk.
 */
import { api } from "./api-client.ts";
import type { ChatMemory } from "./phone/chat-controller.ts";

const storageName = "offhook.conversation";

export const chatMemory: ChatMemory = {
  load: async () => {
    const id = sessionStorage.getItem(storageName);
    return id === null ? undefined : await api.conversation(id);
  },
  keep: async (chat) => {
    const id = sessionStorage.getItem(storageName) ?? crypto.randomUUID();
    sessionStorage.setItem(storageName, id);
    await api.keepConversation(id, chat);
  },
};
