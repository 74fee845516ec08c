/**
 * Made by scripts/twiml-schema.ts from what the twilio package can write. Do not edit.
 *
 * For each element its attributes, the tags that may stand in it (where the element of a tag has another name, that stands
 * behind a colon), and whether text may.
 */
export const twimlSchema = {
  voice: {
    VoiceResponse: [
      "",
      "Connect Dial Echo Enqueue Gather Hangup Leave Pause Pay Play Prompt Queue Record Redirect Refer Reject Say Sms Start Stop",
      "",
    ],
    AiSession: ["aiConnector aiSessionConfiguration", "", ""],
    Application: [
      "copyParentTo customerId method statusCallback statusCallbackEvent statusCallbackMethod url",
      "ApplicationSid Parameter",
      "text",
    ],
    ApplicationSid: ["", "", "text"],
    Autopilot: ["", "", "text"],
    Client: ["method statusCallback statusCallbackEvent statusCallbackMethod url", "Identity Parameter", "text"],
    Conference: [
      "beep coach endConferenceOnExit eventCallbackUrl jitterBufferSize maxParticipants muted participantLabel record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod region startConferenceOnEnter statusCallback statusCallbackEvent statusCallbackMethod trim waitMethod waitUrl",
      "",
      "text",
    ],
    Config: ["name value", "", ""],
    Connect: [
      "action method",
      "AiSession Autopilot Conversation ConversationRelay ConversationRelaySession Room Stream VirtualAgent",
      "",
    ],
    Conversation: [
      "inboundAutocreation inboundTimeout method record recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod routingAssignmentTimeout serviceInstanceSid statusCallback statusCallbackEvent statusCallbackMethod trim url",
      "",
      "",
    ],
    ConversationRelay: [
      "applicationReconnect asrSmartFormat backgroundnoisereduction conversationConfiguration conversationId customerName debug deepgramsmartformat dtmfDetection eagerEotThreshold echoPromptFiltering elevenlabsLanguageTextNormalization elevenlabsTextNormalization events hints ignorebackchannel includeInPrompt intelligenceService interruptSensitivity interruptible language partialPromptOnHangup partialPrompts preemptible profanityFilter reportInputDuringAgentSpeech speechModel speechtimeout transcriptionLanguage transcriptionProvider ttsLanguage ttsLanguageTextNormalization ttsProvider ttsTextNormalization turnDetection url voice welcomeGreeting welcomeGreetingInterruptible",
      "Language Parameter",
      "",
    ],
    ConversationRelaySession: ["connector sessionConfiguration", "", ""],
    Dial: [
      "action answerOnBridge callerId events hangupOnStar method passports record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod recordingTrack referMethod referUrl ringTone sequential timeLimit timeout trim",
      "Application Client Conference Number Queue Sim Sip WhatsApp",
      "text",
    ],
    Echo: ["", "", ""],
    Enqueue: ["action maxQueueSize method waitUrl waitUrlMethod workflowSid", "Task", "text"],
    Gather: [
      "action actionOnEmptyResult bargeIn debug enhanced finishOnKey hints input language maxSpeechTime method numDigits partialResultCallback partialResultCallbackMethod profanityFilter speechModel speechTimeout timeout",
      "Pause Play Say",
      "",
    ],
    Hangup: ["", "Parameter", ""],
    Header: ["name value", "", ""],
    Headers: ["", "Header", ""],
    Identity: ["", "", "text"],
    Language: [
      "asrSmartFormat code hints speechModel transcriptionProvider ttsLanguageTextNormalization ttsProvider ttsTextNormalization voice",
      "",
      "",
    ],
    Leave: ["", "", ""],
    MediaFilter: ["filterType model name track", "Parameter", ""],
    Number: [
      "amdStatusCallback amdStatusCallbackMethod byoc machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout method sendDigits statusCallback statusCallbackEvent statusCallbackMethod url",
      "",
      "text",
    ],
    Parameter: ["name value", "", ""],
    Pause: ["length", "", ""],
    Pay: [
      "action bankAccountType chargeAmount currency description input language maxAttempts minPostalCodeLength paymentConnector paymentMethod postalCode securityCode statusCallback statusCallbackMethod timeout tokenType validCardTypes",
      "Parameter Prompt",
      "",
    ],
    Play: ["digits loop", "", "text"],
    Prompt: ["attempt cardType errorType for requireMatchingInputs", "Pause Play Say", ""],
    Queue: ["method postWorkActivitySid reservationSid url", "", "text"],
    Record: [
      "action finishOnKey maxLength method playBeep recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod timeout transcribe transcribeCallback trim",
      "",
      "",
    ],
    Recording: [
      "channels recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod track trim",
      "",
      "",
    ],
    Redirect: ["method", "", "text"],
    Refer: ["action method", "Sip:ReferSip", ""],
    ReferSip: ["", "", "text"],
    Reject: ["reason", "Parameter", ""],
    Room: ["participantIdentity", "", "text"],
    Say: [
      "language loop voice",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    Sim: ["", "", "text"],
    Sip: [
      "amdStatusCallback amdStatusCallbackMethod machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout method password statusCallback statusCallbackEvent statusCallbackMethod url username",
      "Headers Uri:SipUri",
      "text",
    ],
    SipUri: ["password priority username weight", "", "text"],
    Siprec: ["connectorName name statusCallback statusCallbackMethod track", "Parameter", ""],
    Sms: ["action from method statusCallback to", "", "text"],
    SsmlBreak: ["strength time", "", ""],
    SsmlEmphasis: [
      "level",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    SsmlLang: [
      "xml:lang",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    SsmlP: [
      "",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    SsmlPhoneme: ["alphabet ph", "", "text"],
    SsmlProsody: [
      "pitch rate volume",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    SsmlS: [
      "",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
      "text",
    ],
    SsmlSayAs: ["format interpret-as", "", "text"],
    SsmlSub: ["alias", "", "text"],
    SsmlW: [
      "role",
      "break:SsmlBreak emphasis:SsmlEmphasis phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub",
      "text",
    ],
    Start: ["action method", "MediaFilter Recording Siprec Stream Transcription", ""],
    Stop: ["", "MediaFilter Siprec Stream Transcription", ""],
    Stream: [
      "audioFormat connectorName name sampleRate statusCallback statusCallbackMethod track url",
      "Parameter",
      "",
    ],
    Task: ["priority timeout", "", "text"],
    Transcription: [
      "conversationConfiguration conversationId enableAutomaticPunctuation hints inboundTrackLabel intelligenceService languageCode name outboundTrackLabel partialResults profanityFilter speechModel statusCallbackMethod statusCallbackUrl track transcriptionEngine",
      "Config Parameter",
      "",
    ],
    VirtualAgent: [
      "connectorName language sentimentAnalysis statusCallback statusCallbackMethod",
      "Config Parameter",
      "",
    ],
    WhatsApp: ["method statusCallback statusCallbackEvent statusCallbackMethod url", "", "text"],
  },
  messaging: {
    MessagingResponse: ["", "Message Redirect", ""],
    Body: ["", "", "text"],
    Media: ["", "", "text"],
    Message: ["action from method statusCallback to", "Body Media", "text"],
    Redirect: ["method", "", "text"],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ElementWords>>>>;

type ElementWords = readonly [attributes: string, children: string, text: "text" | ""];
