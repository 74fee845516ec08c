/**
 * The form that sends the next message, with its attachments and buttons.
 */
import type { Media } from "@offhook/phone/message-fields";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";

import { sentence } from "../api-client.ts";
import { cutText } from "../visible-text.ts";
import { TextField } from "./phone-fields.tsx";
import type { PhoneProps } from "./phone-props.ts";

export interface Draft {
  readonly body: string;
  readonly media: readonly Media[];
  /** Empty if the message is not a tap on a button. */
  readonly buttonPayload: string;
}

export const emptyDraft: Draft = { body: "", media: [], buttonPayload: "" };

interface ComposerProps {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
  readonly send: () => void;
  readonly offerFile: PhoneProps["offerFile"];
  /** Whether the channel has messages with buttons. */
  readonly hasButtons: boolean;
}

export function canSend({ body, media }: Draft): boolean {
  return body.trim() !== "" || media.length > 0;
}

export function Composer({ draft, change, send, offerFile, hasButtons }: ComposerProps): VNode {
  const input = useRef<HTMLTextAreaElement>(null);
  const [isOpen, setOpen] = useState(false);
  const attach = (media: Media): void => change({ media: [...draft.media, media].slice(0, maxMedia) });
  const sendAndClose = (): void => {
    if (canSend(draft)) setOpen(false);
    send();
  };
  return (
    <form
      class="phone-compose"
      onSubmit={(event) => {
        event.preventDefault();
        sendAndClose();
        input.current?.focus();
      }}
    >
      {draft.media.length > 0 && (
        <ul class="phone-attached">
          {draft.media.map(({ url, type }, index) => (
            <li key={index}>
              <span class="phone-note">{cutText(type)}</span> <code>{cutText(url)}</code>{" "}
              <button
                type="button"
                class="phone-link"
                onClick={() => change({ media: draft.media.filter((_, at) => at !== index) })}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      {isOpen && <Attach attach={attach} offerFile={offerFile} />}
      {isOpen && hasButtons && (
        <TextField
          label="Button payload, if the message is a tap on a button"
          value={draft.buttonPayload}
          onText={(buttonPayload) => change({ buttonPayload })}
        />
      )}
      <div class="phone-composer">
        <button
          type="button"
          class="phone-button"
          aria-label={isOpen ? "Close attachments" : "Attach"}
          aria-expanded={isOpen}
          title={hasButtons ? "Attach media, or send a tap on a button" : "Attach media"}
          onClick={() => setOpen(!isOpen)}
        >
          +
        </button>
        <textarea
          ref={input}
          rows={1}
          aria-label="Message"
          placeholder="Message"
          value={draft.body}
          onInput={(event) => change({ body: event.currentTarget.value })}
          onKeyDown={(event) => {
            // While an input method composes a character, Enter confirms that character.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            sendAndClose();
          }}
        />
        <button type="submit" class="phone-primary" disabled={!canSend(draft)}>
          Send
        </button>
      </div>
    </form>
  );
}

/** Twilio accepts no more (twilio.com/docs/messaging/guides/accepted-mime-types). */
const maxMedia = 10;

interface AttachProps {
  readonly attach: (media: Media) => void;
  readonly offerFile: PhoneProps["offerFile"];
}

function Attach({ attach, offerFile }: AttachProps): VNode {
  const [url, setUrl] = useState("");
  const [failure, setFailure] = useState<string>();
  const offer = async (file: File, offerTo: NonNullable<PhoneProps["offerFile"]>): Promise<void> => {
    try {
      attach({ url: await offerTo(file), type: file.type || "application/octet-stream" });
      setFailure(undefined);
    } catch (error) {
      setFailure(sentence(error));
    }
  };
  return (
    <div class="phone-attach">
      <TextField label="URL of an image or another file" value={url} onText={setUrl} />
      <button
        type="button"
        class="phone-button"
        disabled={!URL.canParse(url)}
        onClick={() => {
          attach({ url, type: typeOf(url) });
          setUrl("");
        }}
      >
        Attach URL
      </button>
      {offerFile !== undefined && (
        <label class="phone-field phone-file">
          <span>or a file of this computer</span>
          <input
            type="file"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) void offer(file, offerFile);
              event.currentTarget.value = "";
            }}
          />
        </label>
      )}
      {failure !== undefined && (
        <p class="phone-bad" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}

const types: Readonly<Record<string, string>> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  vcf: "text/vcard",
  webp: "image/webp",
};

/** The content type by the ending of the URL. Most media are photos. */
function typeOf(url: string): string {
  const ending = /\.(\w+)$/.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? "";
  return types[ending] ?? "image/jpeg";
}
